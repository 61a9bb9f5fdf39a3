/** Processor time of the child processes that have ended, as the system adds it up: exact where a look would come late. */
import { readFileSync } from 'node:fs';

export interface Times {
  readonly userNs: number;
  readonly systemNs: number;
}

/** Linux counts in hundredths of a second for user space, on every architecture. */
const tickNs = 1e7;

/** Of all children waited for since this process began, and of theirs; nothing where the system does not tell. */
export function reapedTimes(): Times | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    // The name, in parentheses, may hold blanks; fields 16 and 17 (proc(5)) are the 14th and 15th behind it.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [userNs, systemNs] = [Number(fields[13]) * tickNs, Number(fields[14]) * tickNs];
    return Number.isFinite(userNs) && Number.isFinite(systemNs) ? { userNs, systemNs } : undefined;
  } catch {
    return undefined;
  }
}
