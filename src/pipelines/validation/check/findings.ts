/** How the checks put what they found. */
import type { Finding } from '../../../protocol/validation.ts';

/** More places than a person reads are counted, not listed. */
export const longestListing = 200;

/** What is wrong in a file that is known. */
export type Fault = Omit<Finding, 'file'>;

export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;

export function findingsOf<T>(found: readonly T[], say: (one: T) => Finding): Finding[] {
  return found.slice(0, longestListing).map(say);
}
