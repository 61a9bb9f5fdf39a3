/**
 * Marks the descendants of a process so that they are recognized even if they are re-parented, start a session and clear
 * their environment. The mark is a resource limit, because a process inherits its limits from its parent and keeps them
 * when it starts another program. The limit is that of the CPU time which a real-time process may use without blocking; it
 * is set to more than 146,000 years and a random part, so it never takes effect. Linux with `prlimit` only.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readRealTimeLimit } from './proc-reader.ts';

/** Marks are the numbers from 2^62 to 2^63: this bit, the id of the process that set the mark, and a random part. */
const markBit = 1n << 62n;
const randomBits = 40n;
const maxCommandMs = 1000;

/** Returns the mark that a process has inherited or set, or undefined if it has none. */
export function readLineageMark(pid: number | 'self'): string | undefined {
  const limit = readRealTimeLimit(pid);
  return limit !== undefined && /^\d+$/.test(limit) && BigInt(limit) >> 62n === 1n ? limit : undefined;
}

/** Marks this process for the rest of its life. Only for a process whose children all belong to one run at a time. */
export function markOwnLineage(): void {
  setRealTimeLimit(createMark());
}

/**
 * Starts a child process with a mark and returns the mark. Blocks for about 5 ms, so that nothing else that this process
 * starts can inherit the mark. A process that has marked itself for good does not block.
 */
export function startMarked<T>(start: () => T): { readonly started: T; readonly mark: string | undefined } {
  const previous = process.platform === 'linux' ? readRealTimeLimit('self') : undefined;
  if (previous === undefined || isOwnMark(previous)) return { started: start(), mark: previous };
  const mark = createMark();
  const isMarked = setRealTimeLimit(mark);
  try {
    return { started: start(), mark: isMarked ? mark : undefined };
  } finally {
    if (isMarked) setRealTimeLimit(previous);
  }
}

function createMark(): string {
  const random = BigInt(`0x${randomBytes(5).toString('hex')}`);
  return String(markBit | (BigInt(process.pid) << randomBits) | random);
}

/** Returns false for a mark that was set by the process which started this one. */
function isOwnMark(limit: string): boolean {
  const prefix = (markBit >> randomBits) | BigInt(process.pid);
  return /^\d+$/.test(limit) && BigInt(limit) >> randomBits === prefix;
}

function setRealTimeLimit(microseconds: string): boolean {
  if (process.platform !== 'linux') return false;
  const args = ['--pid', String(process.pid), `--rttime=${microseconds}:`];
  return spawnSync('prlimit', args, { stdio: 'ignore', timeout: maxCommandMs }).status === 0;
}
