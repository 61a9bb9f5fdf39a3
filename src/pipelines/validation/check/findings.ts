/** Converts the results of checks to a limited number of findings. */
import type { Finding } from '../../../protocol/validation/validation.ts';

/** Maximum number of findings that a check lists. More are only counted in its message. */
export const maxListedFindings = 200;

/** An error in a text. The caller adds the file. */
export type TextError = Omit<Finding, 'file'>;

/** Converts the first `maxListedFindings` items to findings. */
export function findingsOf<T>(items: readonly T[], toFinding: (item: T) => Finding): Finding[] {
  return items.slice(0, maxListedFindings).map(toFinding);
}
