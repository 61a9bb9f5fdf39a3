/** Fixture that runs Python programs with and without the probe, and adds up the batches of a real listener. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { GuestListener } from '../../src/node/run/guest-listener.ts';
import type { Batch, Definition } from '../../src/protocol/batch/batch.ts';
import { isBatch } from '../../src/protocol/batch/batch.ts';
import type { ExactTarget } from '../../src/protocol/control.ts';

export const probeFolder = resolve(import.meta.dirname, '../../src/probe/python');
/** Folders of the probe's modules, for programs that test a module by itself. */
export const moduleFolders = ['guest', 'instrument', 'load', 'measure', 'watch'].map((name) => join(probeFolder, name));

export interface PythonResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PythonOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program without the probe. */
export async function runPlain(python: string, args: readonly string[], options: PythonOptions): Promise<PythonResult> {
  const env = { ...process.env, PYTHONHASHSEED: '0', ...options.env };
  const child = spawn(python, args, { cwd: options.cwd, env, stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  return await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ ...texts, code, signal }));
  });
}

/** Totals of one operation over all processes. */
export interface OperationTotal {
  readonly definition: Definition;
  count: number;
  timed: number;
  errors: number;
  totalNs: number;
  /** Of all calls; more than the total if calls overlap. */
  durationsNs: number;
  selfNs: number;
  minNs: number;
  maxNs: number;
  isPartial: boolean;
  hits: number;
  misses: number;
  readonly errorTypes: Record<string, number>;
  readonly buckets: Map<number, number>;
}

/** Batches that a listener has received, added up as the host would. */
export class ReceivedBatches {
  readonly batches: Batch[] = [];
  readonly errors: string[] = [];
  readonly totals = new Map<string, OperationTotal>();
  readonly #totalsById = new Map<string, OperationTotal>();
  readonly #latest = new Map<string, { readonly next: number; readonly startMs: number | undefined }>();

  receive(message: unknown): void {
    if (!isBatch(message)) {
      this.errors.push(JSON.stringify(message).slice(0, 2000));
      return;
    }
    const previous = this.#latest.get(message.source);
    const isNewProgram = message.sequence === 0 && message.hello?.wallStartMs !== previous?.startMs;
    // After a reconnect, the guest repeats its last batches.
    if (previous && message.sequence < previous.next && !isNewProgram) return;
    const startMs = message.hello?.wallStartMs ?? previous?.startMs;
    this.#latest.set(message.source, { next: message.sequence + 1, startMs });
    this.batches.push(message);
    for (const definition of message.definitions ?? []) {
      const key = `${definition.file?.split('/').at(-1)}:${definition.name}`;
      const numbers = {
        count: 0,
        timed: 0,
        errors: 0,
        totalNs: 0,
        durationsNs: 0,
        selfNs: 0,
        maxNs: 0,
        hits: 0,
        misses: 0,
      };
      const fresh = {
        ...numbers,
        minNs: Number.POSITIVE_INFINITY,
        isPartial: false,
        errorTypes: {},
        buckets: new Map(),
      };
      const total = this.totals.get(key) ?? { definition, ...fresh };
      this.totals.set(key, total);
      this.#totalsById.set(`${message.source}:${definition.id}`, total);
    }
    for (const delta of message.operations ?? []) {
      const total = this.#totalsById.get(`${message.source}:${delta.id}`);
      if (!total) {
        this.errors.push(`operation without a definition: ${delta.id}`);
        continue;
      }
      total.count += delta.count;
      total.timed += delta.timed ?? delta.count;
      total.errors += delta.errors;
      total.totalNs += delta.totalNs;
      total.durationsNs += delta.durationsNs ?? delta.totalNs;
      total.selfNs += delta.selfNs ?? 0;
      total.minNs = Math.min(total.minNs, delta.minNs ?? total.minNs);
      total.maxNs = Math.max(total.maxNs, delta.maxNs ?? 0);
      total.isPartial ||= delta.partial === true;
      total.hits += delta.hits;
      total.misses += delta.misses;
      for (const [type, count] of Object.entries(delta.errorTypes ?? {})) {
        total.errorTypes[type] = (total.errorTypes[type] ?? 0) + count;
      }
      for (let index = 0; index < delta.buckets.length; index += 2) {
        const bucket = delta.buckets[index] as number;
        total.buckets.set(bucket, (total.buckets.get(bucket) ?? 0) + (delta.buckets[index + 1] as number));
      }
    }
  }

  /** Returns the totals of a function; `key` is `file.py:name`. */
  totalOf(key: string): OperationTotal {
    const total = this.totals.get(key);
    if (!total) throw new Error(`No batch has ${key}, only ${[...this.totals.keys()].join(', ')}.`);
    return total;
  }

  get sources(): readonly string[] {
    return [...new Set(this.batches.map((batch) => batch.source))];
  }

  /** Number of batches missing before the last one of each source. */
  get missingBatches(): number {
    return this.sources.reduce((sum, source) => {
      const batches = this.batches.filter((batch) => batch.source === source);
      return sum + ((batches.at(-1)?.sequence ?? 0) + 1 - batches.length);
    }, 0);
  }
}

export interface ProfiledOptions extends PythonOptions {
  readonly workspace?: string;
  /** Share of the time that measuring may take; by default so large that every call is timed. */
  readonly budgetRatio?: number;
  readonly exact?: readonly ExactTarget[];
  readonly network?: boolean;
  /** Called just before the program is started. */
  readonly onStarted?: (listener: GuestListener) => void;
  /** Called after each message of the program. */
  readonly onReceived?: (received: ReceivedBatches) => void;
}

export function guestEnvironment(options: ProfiledOptions): Record<string, string> {
  const { workspace = options.cwd, budgetRatio = 1000, exact = [] } = options;
  const path = options.env?.['PYTHONPATH'];
  return {
    PYTHONPATH: path ? `${probeFolder}:${path}` : probeFolder,
    PIPESCOPE_RUN: 'run',
    PIPESCOPE_WISHES: JSON.stringify({ samplingNs: 0, exact, budgetRatio, workspace }),
  };
}

/** Runs a program with the probe. Resolves once it has ended and its last batch has been received. */
export async function runProfiled(
  python: string,
  args: readonly string[],
  options: ProfiledOptions,
): Promise<PythonResult & { readonly received: ReceivedBatches }> {
  const received = new ReceivedBatches();
  const listener = await GuestListener.open({
    onMessage: (message) => {
      received.receive(message);
      options.onReceived?.(received);
    },
    onFault: (error) => received.errors.push(error),
    network: options.network ?? false,
  });
  try {
    const env = { ...options.env, ...guestEnvironment(options), ...listener.environment };
    options.onStarted?.(listener);
    const result = await runPlain(python, args, { ...options, env });
    // The last connection of a grandchild may not have been accepted yet, so wait at least once.
    do await new Promise((resolve) => setTimeout(resolve, 50));
    while (listener.guestCount > 0);
    return { ...result, received };
  } finally {
    await listener.close();
  }
}
