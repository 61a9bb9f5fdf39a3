/** Describes why a command failed: one sentence, or the stack of an error that we did not expect. */
import { HumanError } from '../../../core/human-error.ts';

/** Sentences for failures of the system rather than of this program, by error code. One row adds one failure. */
const sentences: Readonly<Record<string, string>> = {
  ENOSPC: 'No space is left on the device. Free some space and try again.',
  EDQUOT: 'The disk quota is used up. Free some space and try again.',
  EROFS: 'The file system is read-only. Choose another folder.',
  EACCES: 'Permission denied. Check who may read and write it.',
  EPERM: 'The operation is not permitted. Check who may read and write it.',
  EMFILE: 'Too many files are open. Close other programs, or raise the limit with ulimit -n.',
  ENFILE: 'Too many files are open on this system. Close other programs and try again.',
  ENOMEM: 'Not enough memory. Close other programs and try again.',
  EIO: 'The device reported an error while reading or writing. Check it and try again.',
  EISDIR: 'It is a folder. Choose a file.',
  ENOTDIR: 'A part of the path is not a folder. Check the path.',
  ENOENT: 'It does not exist. Check the path.',
  ENAMETOOLONG: 'The path is too long. Choose a shorter one.',
  ELOOP: 'The path contains a loop of symbolic links. Check the path.',
};
const cwdIsGone = 'The current folder no longer exists. Change to another folder and try again.';

export function describeFailure(error: unknown): string {
  if (error instanceof HumanError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code = '', path, syscall }: NodeJS.ErrnoException = error;
  if (syscall === 'uv_cwd' || syscall === 'getcwd') return cwdIsGone;
  const sentence = syscall === undefined ? undefined : sentences[code];
  if (sentence === undefined) return error.stack ?? error.message;
  return path === undefined ? sentence : `${path}: ${sentence}`;
}
