/** Runs Python programs with and without the guest, and adds up what it said to a real listener. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Listener } from '../../src/node/run/guest-listener.ts';
import { isBatch } from '../../src/protocol/batch.ts';
import type { Target } from '../../src/protocol/control.ts';
import type { Batch, Definition } from '../../src/protocol/event.ts';

export const probeFolder = resolve(import.meta.dirname, '../../src/probe/python');

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program as it is. */
export async function runAlone(python: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const env = { ...process.env, PYTHONHASHSEED: '0', ...options.env };
  const child = spawn(python, args, { cwd: options.cwd, env, stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  return await new Promise((done, fail) => {
    child.on('error', fail).on('close', (code, signal) => done({ ...texts, code, signal }));
  });
}

/** Totals of one operation over all processes. */
export interface Total {
  readonly definition: Definition;
  count: number;
  timed: number;
  errors: number;
  totalNs: number;
  hits: number;
  misses: number;
  readonly errorTypes: Record<string, number>;
  readonly buckets: Map<number, number>;
}

/** What a listener heard, added up as the host would. */
export class Heard {
  readonly batches: Batch[] = [];
  readonly faults: string[] = [];
  readonly totals = new Map<string, Total>();
  readonly #numbers = new Map<string, Total>();

  take(message: unknown): void {
    if (!isBatch(message)) {
      this.faults.push(JSON.stringify(message).slice(0, 2000));
      return;
    }
    this.batches.push(message);
    for (const definition of message.definitions ?? []) {
      const key = `${definition.file?.split('/').at(-1)}:${definition.name}`;
      const fresh = { count: 0, timed: 0, errors: 0, totalNs: 0, hits: 0, misses: 0 };
      const total = this.totals.get(key) ?? { definition, ...fresh, errorTypes: {}, buckets: new Map() };
      this.totals.set(key, total);
      this.#numbers.set(`${message.source}:${definition.id}`, total);
    }
    for (const delta of message.operations ?? []) {
      const total = this.#numbers.get(`${message.source}:${delta.id}`);
      if (!total) {
        this.faults.push(`an operation without a definition: ${delta.id}`);
        continue;
      }
      total.count += delta.count;
      total.timed += delta.timed ?? delta.count;
      total.errors += delta.errors;
      total.totalNs += delta.totalNs;
      total.hits += delta.hits;
      total.misses += delta.misses;
      for (const [type, count] of Object.entries(delta.errorTypes ?? {})) {
        total.errorTypes[type] = (total.errorTypes[type] ?? 0) + count;
      }
      for (let at = 0; at < delta.buckets.length; at += 2) {
        const bucket = delta.buckets[at] as number;
        total.buckets.set(bucket, (total.buckets.get(bucket) ?? 0) + (delta.buckets[at + 1] as number));
      }
    }
  }

  /** Totals of a function by `file.py:name`. */
  of(key: string): Total {
    const total = this.totals.get(key);
    if (!total) throw new Error(`Nothing was heard of ${key}, only of ${[...this.totals.keys()].join(', ')}.`);
    return total;
  }

  get sources(): readonly string[] {
    return [...new Set(this.batches.map((batch) => batch.source))];
  }

  /** Batches that are missing between the first and the last of each source. */
  get gaps(): number {
    return this.sources.reduce((sum, source) => {
      const own = this.batches.filter((batch) => batch.source === source);
      return sum + ((own.at(-1)?.sequence ?? 0) + 1 - own.length);
    }, 0);
  }
}

export interface GuestOptions extends RunOptions {
  readonly workspace?: string;
  /** Share of the time that measuring may take; by default so much that nothing is thinned out. */
  readonly budgetRatio?: number;
  readonly exact?: readonly Target[];
  readonly network?: boolean;
  /** Called with the listener once the program runs. */
  readonly meanwhile?: (listener: Listener) => void;
}

export function guestVariables(options: GuestOptions): Record<string, string> {
  const { workspace = options.cwd, budgetRatio = 1000, exact = [] } = options;
  const theirs = options.env?.['PYTHONPATH'];
  return {
    PYTHONPATH: theirs ? `${probeFolder}:${theirs}` : probeFolder,
    PIPESCOPE_RUN: 'run',
    PIPESCOPE_WISHES: JSON.stringify({ samplingNs: 0, exact, budgetRatio, workspace }),
  };
}

/** Runs a program with the guest in it, until it has ended and its last word was heard. */
export async function runGuest(
  python: string,
  args: readonly string[],
  options: GuestOptions,
): Promise<Ended & { readonly heard: Heard }> {
  const heard = new Heard();
  const listener = await Listener.open({
    onMessage: (message) => heard.take(message),
    onFault: (what) => heard.faults.push(what),
    network: options.network ?? false,
  });
  try {
    const env = { ...options.env, ...guestVariables(options), ...listener.environment };
    options.meanwhile?.(listener);
    const ended = await runAlone(python, args, { ...options, env });
    // What a grandchild wrote last may not have been accepted yet.
    do await new Promise((done) => setTimeout(done, 50));
    while (listener.guests > 0);
    return { ...ended, heard };
  } finally {
    await listener.close();
  }
}
