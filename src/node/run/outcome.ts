/** Describes how a run ended, in one sentence for the user. */
import type { Hello } from '../../protocol/batch/batch.ts';
import { defined } from '../../protocol/defined.ts';
import type { Run } from '../../protocol/snapshot.ts';
import type { RunExit } from './run-process.ts';

/** Maximum number of sources that a notice names, and length of their names. */
const maxNames = 3;
const maxNameLength = 60;

const dataIsKept = 'Data recorded so far is kept.';
const maxReasonLength = 300;

/**
 * Returns the result of a run, its exit code or signal, and a message unless it succeeded.
 * @param refusal exit code for invalid input; the message is then only the program's own explanation
 */
export function describeExit(
  run: Pick<Run, 'title'>,
  exit: RunExit,
  refusal?: number,
): Pick<Run, 'result' | 'message' | 'exitCode' | 'signal'> {
  const { exitCode, signal } = exit;
  const facts = defined({ exitCode, signal });
  if (exit.stopped) return { result: 'cancellation', message: `Stopped. ${dataIsKept}`, ...facts };
  if (exitCode === 0) return { result: 'success', ...facts };
  if (signal !== undefined) {
    const cause = signal === 'SIGKILL' ? ' (the system may have run out of memory)' : '';
    return { result: 'error', message: `${run.title} was terminated by ${signal}${cause}. ${dataIsKept}`, ...facts };
  }
  const reason = findReason(exit.stderr);
  if (reason && exitCode === refusal) return { result: 'failure', message: reason, ...facts };
  return {
    result: 'failure',
    message: `${run.title} failed with exit code ${exitCode}${reason ? `: ${reason}` : '.'} ${dataIsKept}`,
    ...facts,
  };
}

/** Returns the line of standard error that most likely explains a failure: the last error message, or the last line. */
export function findReason(stderr: string): string | undefined {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const errorLine = lines.findLast((line) => /^(\w*Error|Uncaught)\b.*:/.test(line));
  const reason = (errorLine ?? lines.at(-1))?.slice(0, maxReasonLength);
  return reason && (/[.!?]$/.test(reason) ? reason : `${reason}.`);
}

/** Returns a notice about the sources that ended without their last batch: the time since the previous one is missing. */
export function describeUnfinished(sources: readonly Hello[]): string[] {
  if (sources.length === 0) return [];
  const names = sources.slice(0, maxNames).map(({ name, pid, threadId }) => {
    const thread = threadId === 0 ? '' : `, thread ${threadId}`;
    return `${name.slice(0, maxNameLength)} (process ${pid}${thread})`;
  });
  const others = sources.length - names.length;
  const subjects = others > 0 ? `${names.join(', ')} and ${others.toLocaleString('en')} others` : names.join(', ');
  return [
    `Without a last report from ${subjects}: killed, or still running. Up to 250 ms of the calls before the end may be missing.`,
  ];
}
