/** Tells in one sentence how a run ended and what to do about it. */

import { defined } from '../../protocol/defined.ts';
import type { Run } from '../../protocol/snapshot.ts';
import type { Ended } from './child.ts';

const kept = 'What it recorded until then is kept.';

/**
 * Result, exit and sentence of an ended run; a run that ended well needs no sentence.
 * @param refusal exit code of a program that cannot do what it was asked, and says why in one sentence
 */
export function endOf(
  run: Pick<Run, 'title'>,
  ended: Ended,
  refusal?: number,
): Pick<Run, 'result' | 'message' | 'exitCode' | 'signal'> {
  const facts = defined({ exitCode: ended.exitCode, signal: ended.signal });
  if (ended.stopped) return { result: 'cancellation', message: `Stopped. ${kept}`, ...facts };
  if (ended.exitCode === 0) return { result: 'success', ...facts };
  if (ended.signal !== undefined) {
    const cause = ended.signal === 'SIGKILL' ? ' (often the system, when memory runs out)' : '';
    return { result: 'error', message: `${run.title} was ended by ${ended.signal}${cause}. ${kept}`, ...facts };
  }
  const said = lastLine(ended.stderr);
  if (said && ended.exitCode === refusal) return { result: 'failure', message: said, ...facts };
  return {
    result: 'failure',
    message: `${run.title} failed with exit code ${ended.exitCode}${said ? `: ${said}` : '.'} ${kept}`,
    ...facts,
  };
}

/** The line of standard error that most likely says why: an error's own line, else the last one. */
function lastLine(stderr: string): string | undefined {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const named = lines.findLast((line) => /^(\w*Error|Uncaught)\b.*:/.test(line));
  const line = (named ?? lines.at(-1))?.slice(0, 300);
  return line && (/[.!?]$/.test(line) ? line : `${line}.`);
}
