/** Extracts the facts of changed files in parallel. */
import { join } from 'node:path';
import type { FileEntry, FileStat, SourceFileWithStat } from '../files/cached-facts.ts';
import type { ExtractionJob } from './extractor-messages.ts';
import { extractAll } from './extractor-pool.ts';
import type { FileErrorType } from './facts.ts';

/** Errors that may not occur again in the next run, so they are not cached. */
const transientErrors: ReadonlySet<FileErrorType> = new Set<FileErrorType>([
  'timeout',
  'unreadable',
  'wasm_fault',
  'worker_died',
]);

/** Returns whether an entry may be cached for the next run. */
export function isCacheable({ error }: FileEntry): boolean {
  return !error || !transientErrors.has(error.type);
}

/** Returns an entry with facts or an error for each file. After a stop, the remaining files have no entry. */
export async function extractFiles(
  workspace: string,
  files: readonly SourceFileWithStat[],
  stop: Int32Array<SharedArrayBuffer>,
): Promise<FileEntry[]> {
  if (files.length === 0) return [];
  const entries: FileEntry[] = [];
  const stats = new Map(files.map((file) => [file.name, file.stat]));
  const jobs = files.map(
    ({ name, language, stat }): ExtractionJob => ({
      name,
      path: join(workspace, name),
      sizeBytes: stat.size,
      language: language.id,
    }),
  );
  await extractAll(jobs, {
    stop,
    onFile: ({ name }, outcome) => {
      const file = { name, ...(stats.get(name) as FileStat) };
      entries.push('extracted' in outcome ? { ...file, ...outcome.extracted } : { ...file, sha256: '', ...outcome });
    },
  });
  return entries;
}

/** Like `extractFiles`, but in this thread: for a few files that takes less time than starting another one. */
export async function extractDirectly(
  workspace: string,
  files: readonly SourceFileWithStat[],
  stop: Int32Array<SharedArrayBuffer>,
): Promise<FileEntry[]> {
  // Runs without changes do not need the parser.
  const { processFile } = await import('./process-file.ts');
  const entries: FileEntry[] = [];
  for (const { name, language, stat } of files) {
    if (Atomics.load(stop, 0) === 1) break;
    const job = { name, path: join(workspace, name), sizeBytes: stat.size, language: language.id };
    const outcome = await processFile(job);
    entries.push({ name, ...stat, ...('extracted' in outcome ? outcome.extracted : { sha256: '', ...outcome }) });
  }
  return entries;
}
