import type { ForeignMemory } from './foreign-memory.ts';
import type { PythonThread } from './python-stack-reader.ts';

/** Part of the record of the thread library that is searched for the number of the thread. */
const recordBytes = 1024;

/**
 * Returns the number that each thread has in the system. Threads that have none any more are left out.
 *
 * Before Python 3.11, only the thread library knows the number: it is in the library's record of the thread (`tid` of glibc's
 * and musl's `struct pthread`), at the same place for all of them.
 */
export function findThreadIds(
  memory: ForeignMemory,
  threads: readonly PythonThread[],
  systemIds: readonly number[],
): readonly (readonly [thread: PythonThread, id: number])[] {
  const ids = new Set(systemIds);
  const [only] = systemIds;
  return threads.flatMap((thread) => {
    const { nativeId } = thread;
    const id = nativeId !== undefined && ids.has(nativeId) ? nativeId : findInRecord(memory, thread, ids);
    if (id !== undefined) return [[thread, id] as const];
    // A child of a fork may still have the number of its parent's thread.
    return threads.length === 1 && systemIds.length === 1 && only !== undefined ? [[thread, only] as const] : [];
  });
}

function findInRecord(
  memory: ForeignMemory,
  { libraryId }: PythonThread,
  ids: ReadonlySet<number>,
): number | undefined {
  try {
    const record = memory.read(libraryId, recordBytes);
    for (let offset = 0; offset < recordBytes; offset += 4) {
      const value = record.readUInt32LE(offset);
      if (ids.has(value)) return value;
    }
  } catch {
    // The thread has ended.
  }
  return undefined;
}
