/** Runs the detection pipeline once, from listing the files to writing the result. */
import { nowNs } from '../../probe/api/api.ts';
import { hashContext, indexWorkspace, reportReusedFiles } from './breadcrumb-cache.ts';
import {
  type DetectionSummary,
  findChangedRows,
  loadCachedResult,
  saveCachedResult,
  summarizeRows,
} from './cached-result.ts';
import type { DetectionOptions } from './detection-options.ts';
import { extractFiles, isCacheable } from './extract/extract-files.ts';
import type { FileError } from './extract/facts.ts';
import { parseWithoutOptimizing } from './extract/parse-without-optimizing.ts';
import {
  type CachedFacts,
  findChanges,
  loadFacts,
  reportChanges,
  type SourceFileWithStat,
  saveFacts,
  statFiles,
} from './files/cached-facts.ts';
import { filterFiles, listFiles } from './files/discover-files.ts';
import { DamagedSegmentError } from './files/segment-file.ts';
import { readConfigs } from './resolve/modules/module-config.ts';
import { linkFiles, resolveEntries } from './resolve-entries.ts';
import { maxDirectFiles, updateResult } from './update-result.ts';
import { formatError, joinChunks, writeResult } from './write-result.ts';

const emptyCache: CachedFacts = { entries: new Map(), savedAtMs: 0 };

/** Returns a one-line summary of the run. Once `stop` is set to 1, only the files read so far are written. */
export async function detect(options: DetectionOptions, stop: Int32Array<SharedArrayBuffer>): Promise<string> {
  const startNs = nowNs();
  const { workspace } = options;
  const cache = options.cold ? undefined : options.cache;
  const { names, absent } = await listFiles(workspace);
  const files = statFiles(workspace, filterFiles(names));
  const contextHash = hashContext(workspace, names);
  const input: DetectionInput = { names, files, contextHash };
  const [totals = '', ...notes] =
    (cache && files.length > 0 && options.changed === 0 ? await reuse(cache, options, input, stop) : undefined) ??
    (await compute(options, input, stop));
  return [totals, `${((nowNs() - startNs) / 1e9).toFixed(2)} s`, ...notes, ...describeAbsent(absent)].join('; ');
}

/** Names the submodules whose files are missing. */
function describeAbsent(submodules: readonly string[]): string[] {
  if (submodules.length === 0) return [];
  const named = submodules.slice(0, 3).join(', ');
  const more = submodules.length > 3 ? `, and ${submodules.length - 3} more` : '';
  return [`not checked out, so not read: ${named}${more} (run "git submodule update --init")`];
}

/** Uses the result of the last run if it is valid. Returns undefined if all of it must be computed again. */
async function reuse(
  cache: string,
  options: DetectionOptions,
  { files, contextHash }: DetectionInput,
  stop: Int32Array<SharedArrayBuffer>,
): Promise<string[] | undefined> {
  const { workspace } = options;
  const cached = loadCachedResult(cache, workspace, contextHash);
  const changed = cached && findChangedRows(cached, files);
  if (!cached || !changed) return undefined;
  // A process that stays parses more files later.
  if (changed.length <= maxDirectFiles && !options.stay) parseWithoutOptimizing();
  try {
    const result =
      changed.length === 0
        ? { ...cached, read: 0 }
        : await updateResult({ cache, workspace, files, stop }, cached, changed);
    if (!result) return undefined;
    const { read } = result;
    reportChanges(files.length - read, read, true);
    const summary = summarizeRows(result.rows);
    reportReusedFiles(files.length - read, read === 0 ? summary.tiers : {});
    if (options.result !== undefined) {
      // All parts are verified before the first one is written.
      await writeResult(options.result, [...result.data.readAll(result.rows.map((row) => row.result))]);
    }
    return summarize(summary, { files: files.length, read });
  } catch (error) {
    // A damaged cache is replaced.
    if (error instanceof DamagedSegmentError) return undefined;
    throw error;
  }
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
  const isComplete = cacheable.length === files.length;
  const isSaved = cache !== undefined && (isStale || changed.length > 0 || isComplete);
  const stored = isSaved ? saveFacts(cache, workspace, cacheable) : undefined;
  const missing = changed.length - extracted.length;
  const stopError = missing > 0 ? createStopError(missing, files.length) : undefined;
  const config = readConfigs(workspace, names);
  const index = indexWorkspace(entries, config);
  const parts = resolveEntries(entries, index);
  const totals = summarizeRows(parts);
  const lines = parts.map((part) => part.lines);
  if (stopError) lines.push(Buffer.from(formatError('.', stopError)));
  if (options.result !== undefined) await writeResult(options.result, joinChunks(lines));
  if (cache && stored && isComplete) {
    saveCachedResult(cache, workspace, contextHash, parts, linkFiles(entries, parts, index, config), stored);
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
