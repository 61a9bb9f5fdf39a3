/** Scans all files of a repository in a worker thread, once for all checks that need it, and caches results by content. */
import { Worker } from 'node:worker_threads';
import { yieldToLoop } from '../../../../../process/yield-to-loop.ts';
import type { CheckCache, CheckContext } from '../../../check/check.ts';
import type { Repository } from '../../../repository/repository.ts';
import type { Secret } from '../secrets/find-secrets.ts';
import { familyIdOf } from './code-spans.ts';
import type { RuleMatch } from './scan.ts';
import type { FileResult, FromScanWorker, ScanJob, ScanKind, ScanWorkerData } from './scan-messages.ts';

/** Must be raised if the cache format changes, or if the same text gives different matches. */
const cacheVersion = 4;
/** Maximum length of the cached matches as JSON, to limit the cache of a workspace. If exceeded, none are cached. */
const maxCachedLength = 500_000;
const documentation =
  /\.(?:md|mdx|rst|txt|adoc|html?|ipynb)$|(?:^|\/)(?:docs?|examples?|samples?|demos?|tutorials?)\//i;
const filesPerYield = 50;

/** The worker's bundle, or its source if this module runs from source. */
const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './scan-worker.ts' : './scan-worker.js', import.meta.url);

export interface Located<Match> {
  readonly file: string;
  readonly match: Match;
}

export interface ScanResult<Match> {
  /** In the order of files and lines. */
  readonly matches: readonly Located<Match>[];
  /** Number of text files scanned, including those with a cached result. */
  readonly fileCount: number;
  /** Number of files that were skipped because of their size. */
  readonly largeFileCount: number;
}

/** Timeout of a check that waits for a scan, which takes seconds for a large repository without cached results. */
export const scanTimeoutMs = 30_000;

interface CachedScan {
  /** Concatenated hashes of contents without matches. */
  readonly clean: string;
  /** Matches by content hash. */
  readonly matches: Readonly<Record<string, readonly (RuleMatch | Secret)[]>>;
}

interface RunningScan {
  readonly result: Promise<ScanResult<RuleMatch | Secret>>;
  readonly stop: () => void;
  waiterCount: number;
}

const runningScans: Record<ScanKind, WeakMap<Repository, RunningScan>> = {
  code: new WeakMap(),
  secrets: new WeakMap(),
};

export const scanCode = (context: CheckContext): Promise<ScanResult<RuleMatch>> =>
  joinScan(context, 'code') as Promise<ScanResult<RuleMatch>>;
export const scanSecrets = (context: CheckContext): Promise<ScanResult<Secret>> =>
  joinScan(context, 'secrets') as Promise<ScanResult<Secret>>;

/** Joins the running scan or starts one. If the last waiting check is aborted, the scan is stopped. */
async function joinScan(context: CheckContext, kind: ScanKind): Promise<ScanResult<RuleMatch | Secret>> {
  const { repository, signal } = context;
  signal.throwIfAborted();
  const scan = runningScans[kind].get(repository) ?? startScan(context, kind);
  runningScans[kind].set(repository, scan);
  scan.waiterCount++;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([scan.result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (--scan.waiterCount === 0 && signal.aborted) {
      runningScans[kind].delete(repository);
      scan.stop();
    }
  }
}

function startScan({ repository, cache }: CheckContext, kind: ScanKind): RunningScan {
  const control = new AbortController();
  const result = scanFiles(repository, cache, kind, control.signal);
  // Waiting checks handle the error. Without any, it must not become an unhandled rejection.
  result.catch(() => {});
  return { result, stop: () => control.abort(), waiterCount: 0 };
}

async function scanFiles(
  repository: Repository,
  cache: CheckCache,
  kind: ScanKind,
  signal: AbortSignal,
): Promise<ScanResult<RuleMatch | Secret>> {
  const jobs = await listJobs(repository, kind);
  const key = `safety.${kind}/${cacheVersion}`;
  const cached = cache.get<CachedScan>(key) ?? { clean: '', matches: {} };
  const knownHashes = [...(cached.clean.match(/.{12}/g) ?? []), ...Object.keys(cached.matches)];
  const results: FileResult[] = [];
  // Results of an aborted scan are cached, so that a large repository is scanned completely after a few runs.
  const saveResults = (): void => cache.set(key, mergeResults(cached, results));
  signal.addEventListener('abort', saveResults, { once: true });
  if (jobs.length > 0) await runWorker({ kind, root: repository.root, jobs, knownHashes }, signal, results);
  signal.removeEventListener('abort', saveResults);
  const matches: Located<RuleMatch | Secret>[] = [];
  const matchesByHash: Record<string, readonly (RuleMatch | Secret)[]> = {};
  const clean = new Set<string>();
  for (const [index, result] of results.entries()) {
    if (typeof result === 'string') continue;
    const fileMatches = result.matches ?? cached.matches[result.hash] ?? [];
    if (fileMatches.length === 0) clean.add(result.hash);
    else matchesByHash[result.hash] = fileMatches;
    for (const match of fileMatches) matches.push({ file: jobs[index]?.file ?? '', match });
  }
  cache.set(key, { clean: [...clean].join(''), matches: limitLength(matchesByHash) });
  return {
    matches,
    fileCount: results.filter((result) => typeof result !== 'string').length,
    largeFileCount: results.filter((result) => result === 'large').length,
  };
}

function mergeResults({ clean, matches: cachedMatches }: CachedScan, results: readonly FileResult[]): CachedScan {
  const scanned = results.filter((result) => typeof result !== 'string');
  const newClean = scanned.filter(({ matches }) => matches?.length === 0).map(({ hash }) => hash);
  const newMatches = scanned.flatMap(({ hash, matches }) => (matches?.length ? [[hash, matches] as const] : []));
  return {
    clean: clean + newClean.join(''),
    matches: limitLength({ ...cachedMatches, ...Object.fromEntries(newMatches) }),
  };
}

function limitLength(matches: CachedScan['matches']): CachedScan['matches'] {
  return JSON.stringify(matches).length > maxCachedLength ? {} : matches;
}

/** Lists the files to scan, without test data, vendored files and generated files. */
async function listJobs(repository: Repository, kind: ScanKind): Promise<ScanJob[]> {
  const jobs: ScanJob[] = [];
  for (const [index, file] of (await repository.files()).entries()) {
    if (index % filesPerYield === filesPerYield - 1) await yieldToLoop();
    if (kind === 'code' && familyIdOf(file) === undefined) continue;
    if (repository.isForeign(file)) continue;
    jobs.push({ file, context: contextOf(repository, file) });
  }
  return jobs;
}

function contextOf(repository: Repository, file: string): ScanJob['context'] {
  if (!repository.isTest(file)) return documentation.test(file) ? 'documentation' : 'code';
  // A file with a neutral name in the same folder is a test too if the folder says so.
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return repository.isTest(`${folder}index.html`) ? 'test' : 'named_test';
}

/** Runs the worker and appends its results as they arrive. */
function runWorker(workerData: ScanWorkerData, signal: AbortSignal, results: FileResult[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData });
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: FromScanWorker) => {
      if (message.type === 'results') results.push(...message.results);
      else resolve();
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('The scan worker exited before it had scanned all files.'));
    });
  });
}
