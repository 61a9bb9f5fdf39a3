/** The detection pipeline's facts of a workspace's sources: those kept from earlier runs, and the others found now. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { extract, isLasting } from '../../detection/extract/extraction.ts';
import type { Facts } from '../../detection/extract/facts.ts';
import { filterFiles } from '../../detection/files/discover-files.ts';
import {
  changesOf,
  type Entry,
  type Found,
  isAsKept,
  type Kept,
  loadFacts,
  saveFacts,
  statFiles,
} from '../../detection/files/incremental.ts';

const nothingKept: Kept = { entries: new Map(), savedAtMs: 0 };

/** `cache` is the folder that the detection pipeline keeps its facts in: what either finds serves both. */
export async function factsOf(
  workspace: string,
  files: readonly string[],
  { cache, signal }: { readonly cache: string | undefined; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Facts>> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const endEarly = (): void => {
    Atomics.store(stop, 0, 1);
  };
  if (signal.aborted) endEarly();
  signal.addEventListener('abort', endEarly);
  try {
    const found = statFiles(workspace, filterFiles(files));
    const kept = cache === undefined ? nothingKept : loadFacts(cache, workspace);
    const { unchanged, changed } = changesOf(workspace, found, kept);
    const fresh = await extract(workspace, changed, stop);
    const moved = unchanged.some((entry) => entry !== kept.entries.get(entry.name));
    if (cache !== undefined && (moved || fresh.length > 0)) {
      saveFacts(cache, workspace, [...others(workspace, found, kept), ...unchanged, ...fresh.filter(isLasting)]);
    }
    // What was reached before the end is kept, so that a workspace too large for one run is known after some.
    signal.throwIfAborted();
    const entries = [...unchanged, ...fresh].sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map(entries.flatMap(({ name, facts }) => (facts ? [[name, facts] as const] : [])));
  } finally {
    signal.removeEventListener('abort', endEarly);
  }
}

/** Kept of files that are not looked at here, as git does not track them: those that a later look can still trust. */
function others(workspace: string, found: readonly Found[], kept: Kept): Entry[] {
  const seen = new Set(found.map(({ name }) => name));
  return [...kept.entries.values()].filter(
    (entry) =>
      !seen.has(entry.name) && isAsKept(entry, entry, kept.savedAtMs) && existsSync(join(workspace, entry.name)),
  );
}
