/** Runs the programs of one check without a shell, each in its own process group. None is left when the check has ended. */
import { type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { nowNs } from '../../../probe/api/api.ts';
import { killGroup } from '../../../process/kill-tree.ts';
import { OutputTail } from '../../../process/output-tail.ts';
import { ownGroup, type ProcessExit, TrackedProcess } from '../../../process/tracked-process.ts';
import { defined } from '../../../protocol/defined.ts';
import { programVariable } from '../../../protocol/environment-variables.ts';
import type { ProgramCall, ProgramResult, RunProgram } from '../check/check.ts';
import { childEnvironment } from './child-environment.ts';

/** Maximum size of each output if the check sets no other limit. */
const defaultMaxBytes = 64 * 1024;
/** Maximum wait for remaining output after the exit; a descendant may hold the pipes open forever. */
const drainMs = 300;
/** Time between SIGTERM and SIGKILL; short because Stop must complete within a second. */
const graceMs = 150;
/** Time for which SIGKILL is repeated, for the same reason. */
const forceMs = 600;

type Program = TrackedProcess<ChildProcessByStdio<Writable | null, Readable, Readable>>;

export class Programs {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #calls: ProgramCall[] = [];
  readonly #endings = new Set<Promise<unknown>>();

  /** @param signal aborting it kills every program of the check */
  constructor(root: string, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
  }

  /** Programs that have exited so far. */
  get calls(): readonly ProgramCall[] {
    return this.#calls;
  }

  /** Resolves when all programs of the check have ended. */
  async ended(): Promise<void> {
    while (this.#endings.size > 0) await Promise.allSettled(this.#endings);
  }

  readonly run: RunProgram = async (command, args, options = {}) => {
    const { cwd = '.', env, input, maxBytes = defaultMaxBytes, timeoutMs } = options;
    this.#signal.throwIfAborted();
    const folder = resolve(this.#root, cwd);
    if (!existsSync(folder)) throw new Error(`Could not run ${command}: the folder ${folder} does not exist.`);
    const startNs = nowNs();
    const id = randomUUID();
    const environment = { ...childEnvironment(command, this.#binsFor(command, folder)), ...env };
    const program = start(command, args, folder, { ...environment, [programVariable]: id }, input);
    const ending = program ? this.#follow(program, id, { maxBytes, timeoutMs }) : Promise.resolve(undefined);
    this.#endings.add(ending);
    const result = await ending.finally(() => this.#endings.delete(ending));
    this.#calls.push({ command, args, cwd, ...defined({ result }), durationNs: Math.round(nowNs() - startNs) });
    this.#signal.throwIfAborted();
    return result;
  };

  /** Returns the `.bin` folders around a program that is itself installed in one of them. */
  #binsFor(command: string, folder: string): string[] {
    const bins = ancestors(this.#root, folder).map((path) => join(path, 'node_modules', '.bin'));
    return bins.some((bin) => dirname(command) === bin) ? bins.filter((bin) => existsSync(bin)) : [];
  }

  /** Waits until the program exits or the check ends, whichever is first, and ends all processes of the program. */
  async #follow(
    program: Program,
    id: string,
    { maxBytes, timeoutMs }: { readonly maxBytes: number; readonly timeoutMs: number | undefined },
  ): Promise<ProgramResult | undefined> {
    const { child } = program;
    const [stdout, stderr] = [new OutputTail(maxBytes), new OutputTail(maxBytes)];
    child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    let killing: Promise<void> | undefined;
    const kill = (): void => {
      killing ??= program.kill({ marker: `${programVariable}=${id}`, graceMs, forceMs });
    };
    this.#signal.addEventListener('abort', kill, { once: true });
    const timer = timeoutMs === undefined ? undefined : setTimeout(kill, timeoutMs);
    try {
      const code = await exitCodeOf(program);
      if (code === undefined) return undefined;
      if (this.#signal.aborted) kill();
      else if (child.pid !== undefined) killGroup(child.pid);
      await program.drain(drainMs);
      await killing;
      return { code, stdout: stdout.text, stderr: stderr.text, isTruncated: stdout.isCut || stderr.isCut };
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', kill);
      child.stdout.destroy();
      child.stderr.destroy();
    }
  }
}

/** Returns a folder and its ancestors up to the root, innermost first. */
function ancestors(root: string, folder: string): string[] {
  if (folder === root || !folder.startsWith(root)) return [root];
  return [folder, ...ancestors(root, dirname(folder))];
}

/** Error codes for a program that does not exist or cannot be executed. */
const missingCodes = ['ENOENT', 'EACCES', 'EINVAL', 'ENOEXEC'];

const isMissing = (error: unknown): boolean => missingCodes.includes((error as NodeJS.ErrnoException).code ?? '');

function start(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  input: string | undefined,
): Program | undefined {
  try {
    const stdio: StdioOptions = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'];
    const options = { cwd, env, stdio, detached: ownGroup, windowsHide: true };
    const program: Program = new TrackedProcess(() => spawn(command, args, options) as Program['child']);
    // A program that reads no input may exit before the input is written.
    program.child.stdin?.on('error', () => undefined).end(input);
    return program;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Returns the exit code, or 128 + n for signal n. Returns undefined if the program does not exist or cannot be run. */
async function exitCodeOf({ exited }: Program): Promise<number | undefined> {
  let exit: ProcessExit;
  try {
    exit = await exited;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return exit.code ?? 128 + signalNumberOf(exit.signal);
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

function signalNumberOf(signal: NodeJS.Signals | null): number {
  return (signal && signalNumbers[signal]) || 0;
}
