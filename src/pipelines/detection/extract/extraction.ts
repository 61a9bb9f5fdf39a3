/** Facts of files that have changed: by the pool, with the reason where there are none. */
import { join } from 'node:path';
import type { Entry, Found, Stat } from '../files/incremental.ts';
import type { Work } from './extractor-messages.ts';
import { extractAll } from './extractor-pool.ts';
import type { FileErrorType } from './facts.ts';

/** Faults that another run may not meet again: they are not kept. */
const passing: ReadonlySet<FileErrorType> = new Set<FileErrorType>([
  'timeout',
  'unreadable',
  'wasm_fault',
  'worker_died',
]);

/** Whether what is known of a file may be kept for the next run. */
export function isLasting({ error }: Entry): boolean {
  return !error || !passing.has(error.type);
}

/** Facts, or the reason why there are none, of each file that was reached. */
export async function extract(
  workspace: string,
  files: readonly Found[],
  stop: Int32Array<SharedArrayBuffer>,
): Promise<Entry[]> {
  if (files.length === 0) return [];
  const entries: Entry[] = [];
  const stats = new Map(files.map((file) => [file.name, file.stat]));
  const work = files.map(
    ({ name, language, stat }): Work => ({
      name,
      path: join(workspace, name),
      sizeBytes: stat.size,
      language: language.id,
    }),
  );
  await extractAll(work, {
    stop,
    onFile: ({ name }, outcome) => {
      const looks = { name, ...(stats.get(name) as Stat) };
      entries.push('extracted' in outcome ? { ...looks, ...outcome.extracted } : { ...looks, sha256: '', ...outcome });
    },
  });
  return entries;
}
