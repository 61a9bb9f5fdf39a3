/** Has a thread read all texts once for all checks that ask, and remembers what it found by content. */
import { Worker } from 'node:worker_threads';
import type { Context, Memory } from '../../../check/check.ts';
import { turn } from '../../../locks/lock.ts';
import type { Repository } from '../../../repository/repository.ts';
import type { Secret } from '../secrets/find-secrets.ts';
import { familyIdOf } from './code-spans.ts';
import type { Hit } from './scan.ts';
import type { FromSweeper, Job, Look, SweeperData, SweepKind } from './scan-messages.ts';

/** Goes up whenever the same text gives other places. */
const version = 1;
/** Of what is remembered: the memory of a workspace is bounded. More is looked for again. */
const mostRemembered = 500_000;
const papers = /\.(?:md|mdx|rst|txt|adoc|html?|ipynb)$|(?:^|\/)(?:docs?|examples?|samples?|demos?|tutorials?)\//i;
/** Files between two turns of others. */
const stretch = 50;

/** Beside the bundle, or the source where it is run as it is. */
const module = new URL(import.meta.url.endsWith('.ts') ? './scan-worker.ts' : './sweeper.js', import.meta.url);

export interface Place<Found> {
  readonly file: string;
  readonly found: Found;
}

export interface Swept<Found> {
  /** In the order of files and lines. */
  readonly places: readonly Place<Found>[];
  /** Texts that were looked at, now or before with the same content. */
  readonly texts: number;
  /** Files too large to be texts. */
  readonly large: number;
}

/** A check that waits for the thread, or for the index behind it: seconds where nothing is remembered of a large tree. */
export const sweepMs = 30_000;

interface Remembered {
  /** Hashes of contents that hold nothing, one after the other. */
  readonly clean: string;
  readonly found: Readonly<Record<string, readonly (Hit | Secret)[]>>;
}

interface Sweeping {
  readonly result: Promise<Swept<Hit | Secret>>;
  readonly stop: () => void;
  waiting: number;
}

const sweeps: Record<SweepKind, WeakMap<Repository, Sweeping>> = { code: new WeakMap(), secrets: new WeakMap() };

export const sweepCode = (context: Context): Promise<Swept<Hit>> => joined(context, 'code') as Promise<Swept<Hit>>;
export const sweepSecrets = (context: Context): Promise<Swept<Secret>> =>
  joined(context, 'secrets') as Promise<Swept<Secret>>;

/** The thread ends early only once nobody waits for it any more. */
async function joined(context: Context, kind: SweepKind): Promise<Swept<Hit | Secret>> {
  const { repository, signal } = context;
  signal.throwIfAborted();
  const sweeping = sweeps[kind].get(repository) ?? begun(context, kind);
  sweeps[kind].set(repository, sweeping);
  sweeping.waiting++;
  let leave = (): void => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([sweeping.result, left]);
  } finally {
    signal.removeEventListener('abort', leave);
    if (--sweeping.waiting === 0 && signal.aborted) {
      sweeps[kind].delete(repository);
      sweeping.stop();
    }
  }
}

function begun({ repository, memory }: Context, kind: SweepKind): Sweeping {
  const control = new AbortController();
  const result = sweepAll(repository, memory, kind, control.signal);
  // Those who wait hear of it; that nobody does is no fault of its own.
  result.catch(() => {});
  return { result, stop: () => control.abort(), waiting: 0 };
}

async function sweepAll(
  repository: Repository,
  memory: Memory,
  kind: SweepKind,
  signal: AbortSignal,
): Promise<Swept<Hit | Secret>> {
  const jobs = await jobsOf(repository, kind);
  const key = `safety.${kind}/${version}`;
  const old = memory.get<Remembered>(key) ?? { clean: '', found: {} };
  const clean = old.clean.match(/.{12}/g) ?? [];
  const data: SweeperData = { kind, root: repository.root, jobs, known: [...clean, ...Object.keys(old.found)] };
  const looks: Look[] = [];
  // What was looked at before an early end is known the next time, so that a large tree is known after some runs.
  const keep = (): void => memory.set(key, withLooks(old, looks));
  signal.addEventListener('abort', keep, { once: true });
  if (jobs.length > 0) await run(data, signal, looks);
  signal.removeEventListener('abort', keep);
  const places: Place<Hit | Secret>[] = [];
  const next: Record<string, readonly (Hit | Secret)[]> = {};
  const empty = new Set<string>();
  for (const [at, look] of looks.entries()) {
    if (typeof look === 'string') continue;
    const found = look.found ?? old.found[look.hash] ?? [];
    if (found.length === 0) empty.add(look.hash);
    else next[look.hash] = found;
    for (const one of found) places.push({ file: jobs[at]?.file ?? '', found: one });
  }
  memory.set(key, { clean: [...empty].join(''), found: JSON.stringify(next).length > mostRemembered ? {} : next });
  const large = looks.filter((look) => look === 'large').length;
  return { places, texts: looks.filter((look) => typeof look !== 'string').length, large };
}

function withLooks({ clean, found }: Remembered, looks: readonly Look[]): Remembered {
  const fresh = looks.filter((look) => typeof look !== 'string');
  const empty = fresh.filter((look) => look.found?.length === 0).map(({ hash }) => hash);
  const places = fresh.flatMap((look) => (look.found?.length ? [[look.hash, look.found] as const] : []));
  const all = { ...found, ...Object.fromEntries(places) };
  return { clean: clean + empty.join(''), found: JSON.stringify(all).length > mostRemembered ? {} : all };
}

/** Data of tests, vendored and generated files are not judged. */
async function jobsOf(repository: Repository, kind: SweepKind): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const [at, file] of (await repository.files()).entries()) {
    if (at % stretch === stretch - 1) await turn();
    if (kind === 'code' && familyIdOf(file) === undefined) continue;
    if (repository.isForeign(file)) continue;
    jobs.push({ file, free: repository.isTest(file) || (kind === 'secrets' && papers.test(file)) });
  }
  return jobs;
}

/** @param looks takes what is found, as it is found */
function run(workerData: SweeperData, signal: AbortSignal, looks: Look[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(module, { workerData });
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: FromSweeper) => {
      if (message.type === 'looks') looks.push(...message.looks);
      else resolve();
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('The thread that reads the texts ended early.'));
    });
  });
}
