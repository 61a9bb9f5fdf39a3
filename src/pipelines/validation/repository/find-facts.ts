/** Facts of a workspace's source files: cached ones for unchanged files, and newly extracted ones for the others. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { extractFiles, isCacheable } from '../../detection/extract/extract-files.ts';
import type { Facts } from '../../detection/extract/facts.ts';
import {
  type CachedFacts,
  type FileEntry,
  findChanges,
  isUnchanged,
  loadFacts,
  type SourceFileWithStat,
  saveFacts,
  statFiles,
} from '../../detection/files/cached-facts.ts';
import { filterFiles } from '../../detection/files/discover-files.ts';

const emptyCache: CachedFacts = { entries: new Map(), savedAtMs: 0 };

/**
 * Returns facts by file name. Rejects with the abort reason if the signal is aborted.
 * @param cache folder of cached facts, shared with the detection pipeline
 */
export async function findFacts(
  workspace: string,
  files: readonly string[],
  { cache, signal }: { readonly cache: string | undefined; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Facts>> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const stopExtraction = (): void => {
    Atomics.store(stop, 0, 1);
  };
  if (signal.aborted) stopExtraction();
  signal.addEventListener('abort', stopExtraction);
  try {
    const sources = statFiles(workspace, filterFiles(files));
    const cached = cache === undefined ? emptyCache : loadFacts(cache, workspace);
    const { unchanged, changed } = findChanges(workspace, sources, cached);
    const fresh = await extractFiles(workspace, changed, stop);
    const hasNewStats = unchanged.some((entry) => entry !== cached.entries.get(entry.name));
    if (cache !== undefined && (hasNewStats || fresh.length > 0)) {
      saveFacts(cache, workspace, [
        ...entriesOfOthers(workspace, sources, cached),
        ...unchanged,
        ...fresh.filter(isCacheable),
      ]);
    }
    // Facts extracted before an abort are saved, so that several runs can finish a very large workspace.
    signal.throwIfAborted();
    const entries = [...unchanged, ...fresh].sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map(entries.flatMap(({ name, facts }) => (facts ? [[name, facts] as const] : [])));
  } finally {
    signal.removeEventListener('abort', stopExtraction);
  }
}

/** Returns the cached entries of files that are not part of this run, such as untracked ones, if they are still valid. */
function entriesOfOthers(workspace: string, sources: readonly SourceFileWithStat[], cached: CachedFacts): FileEntry[] {
  const names = new Set(sources.map(({ name }) => name));
  return [...cached.entries.values()].filter(
    (entry) =>
      !names.has(entry.name) && isUnchanged(entry, entry, cached.savedAtMs) && existsSync(join(workspace, entry.name)),
  );
}
