/** Explains in one sentence why a program could not be started, and what to do. */
import { existsSync, statSync } from 'node:fs';
import { HumanError } from '../../core/human-error.ts';

export interface StartAttempt {
  readonly command: string;
  readonly cwd: string;
}

/** Sentences by the system's or Node's error code. One row adds one cause. */
const explanations: Readonly<Record<string, (attempt: StartAttempt) => string>> = {
  ENOENT: explainMissing,
  ENOTDIR: explainMissing,
  ELOOP: explainMissing,
  ENAMETOOLONG: explainMissing,
  EACCES: explainForbidden,
  EPERM: explainForbidden,
  ENOEXEC: explainForbidden,
  E2BIG: ({ command }) =>
    `“${nameOf(command)}” cannot be started because its arguments and environment variables are too long. Pass long values in a file.`,
  ERR_INVALID_ARG_VALUE: ({ command }) =>
    command === ''
      ? 'The command is empty. Enter a program and its arguments.'
      : `“${nameOf(command)}” cannot be started because a program accepts only text without null bytes. Remove them from the command.`,
  ...Object.fromEntries(
    ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].map((code) => [
      code,
      ({ command }: StartAttempt) =>
        `“${nameOf(command)}” cannot be started because the system has no resources for another process (${code}). Close other programs and try again.`,
    ]),
  ),
};

const maxNameLength = 200;

/** Returns the error for the user if starting a program failed with `error`. */
export function explainStartError(attempt: StartAttempt, error: unknown): HumanError {
  if (error instanceof HumanError) return error;
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const sentence = explanations[code]?.(attempt);
  return new HumanError(sentence ?? `Could not start “${nameOf(attempt.command)}”: ${message}.`);
}

function explainMissing({ command, cwd }: StartAttempt): string {
  if (!isFolder(cwd)) return `The working folder ${cwd} does not exist. Choose another folder.`;
  return `Program not found: “${nameOf(command)}”. Enter its full path, or add its folder to the PATH.`;
}

function explainForbidden({ command }: StartAttempt): string {
  if (isFolder(command)) return `“${nameOf(command)}” is a folder. Enter the path of a program.`;
  return `“${nameOf(command)}” is not executable. Make it executable, or start it with the program that runs it.`;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function nameOf(command: string): string {
  return command.length <= maxNameLength ? command : `${command.slice(0, maxNameLength)}…`;
}
