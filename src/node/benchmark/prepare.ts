/** Runs a user-defined command to completion, without a shell, before something is measured. */
import { spawn } from 'node:child_process';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { Argv } from '../command/parse-command.ts';

const maxStderrChars = 400;

/** Rejects with a HumanError if the command cannot start or fails, and with the signal's reason if it is cancelled. */
export async function prepare(argv: Argv | undefined, cwd: string, signal?: AbortSignal): Promise<void> {
  if (!argv) return;
  const [command, ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], ...defined({ signal }) });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrChars);
  });
  child.once('error', (error: NodeJS.ErrnoException) => {
    const message =
      error.code === 'ENOENT' ? `Could not run “${command}”: program not found. Check the command.` : error.message;
    reject(signal?.aborted ? signal.reason : new HumanError(message));
  });
  child.once('close', (code) => {
    if (code === 0) resolve();
    else reject(new HumanError(`${argv.join(' ')} failed (exit code ${code}): ${stderr.trim() || 'no error output'}`));
  });
  return promise;
}
