import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HumanError } from '../../../core/human-error.ts';
import type { ExactTarget } from '../../../protocol/control.ts';

/**
 * Parses `FILE:FUNCTION` or `FILE:LINE`. Names of files and functions may contain colons, so the file is the shortest one
 * that exists. Throws a HumanError if there is none.
 */
export function parseExactTarget(text: string): ExactTarget {
  const colons = [...text.matchAll(/:/g)].map(({ index }) => index).filter((index) => index > 0);
  if (colons.length === 0 || text.endsWith(':'))
    throw new HumanError(`--exact must be FILE:FUNCTION or FILE:LINE (got “${text}”).`);
  const colon = colons.find((index) => isFile(text.slice(0, index)));
  if (colon === undefined)
    throw new HumanError(`File not found: ${resolve(text.slice(0, colons[0]))}. Check the value of --exact.`);
  const [file, position] = [resolve(text.slice(0, colon)), text.slice(colon + 1)];
  const line = Number(position);
  return /^\d+$/.test(position) && Number.isSafeInteger(line) ? { file, line } : { file, name: position };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
