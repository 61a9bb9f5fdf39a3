/** Runs a program of a person's own to its end, before something is measured: without a shell, and not counted. */
import { spawn } from 'node:child_process';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';

/** Program and arguments. */
export type Prepare = readonly [string, ...string[]];

const shownChars = 400;

/** Rejects with a HumanError where it cannot start or fails. */
export async function prepare(words: Prepare | undefined, cwd: string, signal?: AbortSignal): Promise<void> {
  if (!words) return;
  const [command, ...args] = words;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], ...defined({ signal }) });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-shownChars);
  });
  child.once('error', (error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT' ? `There is no program “${command}” to prepare with.` : error.message;
    reject(signal?.aborted ? signal.reason : new HumanError(missing));
  });
  child.once('close', (code) => {
    if (code === 0) resolve();
    else reject(new HumanError(`${words.join(' ')} failed (exit ${code}): ${said.trim() || 'it said nothing'}`));
  });
  return promise;
}
