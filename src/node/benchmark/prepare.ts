/** Runs a user-defined command to completion, without a shell, before something is measured. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { HumanError } from '../../core/human-error.ts';
import { OutputTail } from '../../process/output-tail.ts';
import { ownGroup, TrackedProcess } from '../../process/tracked-process.ts';
import { watchTree } from '../../process/watchdog.ts';
import { programVariable } from '../../protocol/environment-variables.ts';
import type { Argv } from '../command/parse-command.ts';
import { explainStartError } from '../run/start-error.ts';

const maxStderrBytes = 400;
/** Time between SIGTERM and SIGKILL if the command is cancelled. */
const graceMs = 2000;
/** Time for the last output to arrive after the exit. A server that the command has started may hold the pipe open. */
const drainMs = 500;

export interface PrepareOptions {
  readonly cwd: string;
  /** Folder of the built bundles. Without it, the command outlives this process if that is killed. */
  readonly dist?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rejects with a HumanError if the command cannot start or fails. If it is cancelled, ends all its processes and then
 * rejects with the signal's reason.
 */
export async function prepare(argv: Argv | undefined, { cwd, dist, signal }: PrepareOptions): Promise<void> {
  if (!argv) return;
  signal?.throwIfAborted();
  const id = randomUUID();
  const marker = `${programVariable}=${id}`;
  const program = start(argv, cwd, { ...process.env, [programVariable]: id });
  const unwatch = program.root && dist && watchTree({ ...program.root, marker }, dist);
  const stderr = new OutputTail(maxStderrBytes);
  program.child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  let killing: Promise<void> | undefined;
  const kill = (): void => {
    killing ??= program.kill({ marker, graceMs });
  };
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const { code, signal: name } = await program.exited.catch((error: unknown) => {
      throw explainStartError({ command: argv[0], cwd }, error);
    });
    await killing;
    signal?.throwIfAborted();
    await program.drain(drainMs);
    if (code === 0) return;
    const how = code === null ? `terminated by ${name}` : `exit code ${code}`;
    throw new HumanError(`${argv.join(' ')} failed (${how}): ${stderr.text.trim() || 'no error output'}`);
  } finally {
    signal?.removeEventListener('abort', kill);
    program.child.stderr.destroy();
    if (unwatch) unwatch();
  }
}

function start(
  [command, ...args]: Argv,
  cwd: string,
  env: NodeJS.ProcessEnv,
): TrackedProcess<ChildProcessByStdio<null, null, Readable>> {
  try {
    return new TrackedProcess(
      () => spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'], detached: ownGroup }),
      { marksLineage: true },
    );
  } catch (error) {
    throw explainStartError({ command, cwd }, error);
  }
}
