/** Runs the detection pipeline once, from listing the files to writing the result. */
import { nowNs } from '../../probe/api/api.ts';
import {
  BreadcrumbCache,
  hashContext,
  indexWorkspace,
  reportReusedFiles,
  type WorkspaceIndex,
} from './breadcrumb-cache.ts';
import { type CachedResult, type DetectionSummary, loadCachedResult, saveCachedResult } from './cached-result.ts';
import type { DetectionOptions } from './detection-options.ts';
import { extractFiles, isCacheable } from './extract/extract-files.ts';
import type { FileError } from './extract/facts.ts';
import {
  type CachedFacts,
  type FileEntry,
  findChanges,
  loadFacts,
  reportChanges,
  type SourceFileWithStat,
  saveFacts,
  statFiles,
} from './files/cached-facts.ts';
import { filterFiles, listFiles } from './files/discover-files.ts';
import { formatError, formatFile, writeResult } from './write-result.ts';

/** Minimum size of a chunk of the result. */
const minChunkBytes = 500_000;

const emptyCache: CachedFacts = { entries: new Map(), savedAtMs: 0 };

/** Returns a one-line summary of the run. Once `stop` is set to 1, only the files read so far are written. */
export async function detect(options: DetectionOptions, stop: Int32Array<SharedArrayBuffer>): Promise<string> {
  const startNs = nowNs();
  const { workspace } = options;
  const cache = options.cold ? undefined : options.cache;
  const names = await listFiles(workspace);
  const files = statFiles(workspace, filterFiles(names));
  const contextHash = hashContext(workspace, names);
  const cachedResult =
    cache && files.length > 0 && options.changed === 0
      ? loadCachedResult(cache, workspace, files, contextHash)
      : undefined;
  const [totals = '', ...notes] = cachedResult
    ? await replay(cachedResult, files.length, options)
    : await compute(options, { names, files, contextHash }, stop);
  return [totals, `${((nowNs() - startNs) / 1e9).toFixed(2)} s`, ...notes].join('; ');
}

/** Writes the result of the last run again. */
async function replay({ summary, result }: CachedResult, files: number, options: DetectionOptions): Promise<string[]> {
  reportChanges(files, 0, true);
  reportReusedFiles(files, summary.tiers);
  if (options.result !== undefined) await writeResult(options.result, [result]);
  return summarize(summary, { files, read: 0 });
}

interface DetectionInput {
  /** Paths of all files in the workspace. */
  readonly names: readonly string[];
  /** Source files in a supported language. */
  readonly files: readonly SourceFileWithStat[];
  readonly contextHash: string;
}

async function compute(
  options: DetectionOptions,
  { names, files, contextHash }: DetectionInput,
  stop: Int32Array<SharedArrayBuffer>,
): Promise<string[]> {
  const { workspace, cache } = options;
  const cachedFacts = cache && !options.cold ? loadFacts(cache, workspace) : emptyCache;
  const { unchanged, changed, isStale } = findChanges(
    workspace,
    files,
    forgetMiddleFiles(cachedFacts, files, options.changed),
  );
  const extracted = await extractFiles(workspace, changed, stop);
  const entries = [...unchanged, ...extracted].sort((a, b) => (a.name < b.name ? -1 : 1));
  const cacheable = entries.filter(isCacheable);
  if (cache && (isStale || changed.length > 0)) saveFacts(cache, workspace, cacheable);
  const missing = changed.length - extracted.length;
  const stopError = missing > 0 ? createStopError(missing, files.length) : undefined;
  const totals: Totals = { calls: 0, faults: 0, tiers: {} };
  const chunks = [...generateResult(entries, indexWorkspace(entries, workspace, names), totals, stopError)];
  if (options.result !== undefined) await writeResult(options.result, chunks);
  if (cache && cacheable.length === files.length) {
    saveCachedResult(cache, workspace, files, contextHash, { summary: totals, result: Buffer.concat(chunks) });
  }
  return [
    ...summarize(totals, { files: entries.length, read: extracted.length }),
    ...(cachedFacts.discarded ? [`the cache was discarded: ${cachedFacts.discarded}`] : []),
    ...(stopError ? [stopError.message] : []),
    ...(files.length === 0 ? ['no source files were found'] : []),
  ];
}

function summarize({ calls, faults }: DetectionSummary, { files, read }: { files: number; read: number }): string[] {
  return [
    `${calls} calls in ${files} files (${read} read, ${files - read} unchanged)`,
    ...(faults > 0 ? [`${faults} files with errors`] : []),
  ];
}

/** Removes the files of medium size from the cache, so that a benchmark can simulate a typical change. */
function forgetMiddleFiles(cache: CachedFacts, files: readonly SourceFileWithStat[], count: number): CachedFacts {
  if (count === 0) return cache;
  const bySize = files.toSorted((a, b) => a.stat.size - b.stat.size);
  const first = Math.max(0, Math.floor((bySize.length - count) / 2));
  const names = new Set(bySize.slice(first, first + count).map(({ name }) => name));
  return { ...cache, entries: new Map([...cache.entries].filter(([name]) => !names.has(name))) };
}

function createStopError(missing: number, total: number): FileError {
  return { type: 'stopped', message: `The run was stopped: ${missing} of ${total} files were not read.` };
}

type Totals = { -readonly [K in keyof DetectionSummary]: DetectionSummary[K] };

/** Resolves all calls, adds them to `totals` and yields the result in large chunks. */
function* generateResult(
  entries: readonly FileEntry[],
  index: WorkspaceIndex,
  totals: Totals,
  stopError: FileError | undefined,
): Generator<Buffer> {
  const breadcrumbs = new BreadcrumbCache(index);
  let pieces: Buffer[] = [];
  let bytes = 0;
  const add = (text: string): void => {
    // Encode immediately: thousands of concatenated strings cost the garbage collector more than the bytes.
    const piece = Buffer.from(text);
    pieces.push(piece);
    bytes += piece.length;
  };
  for (const { name, error: fileError, facts } of entries) {
    const error = fileError ?? toSyntaxError(facts?.syntaxError);
    if (error) totals.faults++;
    const unit = index.units.get(name);
    const resolutions = unit ? breadcrumbs.resolveFile(unit) : [];
    totals.calls += resolutions.length;
    if (error) add(formatError(name, error));
    if (unit) add(formatFile(unit, resolutions));
    if (bytes < minChunkBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    // The event loop runs between chunks, so the counts so far can be sent.
    breadcrumbs.report();
  }
  breadcrumbs.report();
  totals.tiers = Object.fromEntries(breadcrumbs.reportedTiers);
  if (stopError) add(formatError('.', stopError));
  yield Buffer.concat(pieces);
}

function toSyntaxError(message: string | undefined): FileError | undefined {
  return message === undefined ? undefined : { type: 'syntax_error', message };
}
