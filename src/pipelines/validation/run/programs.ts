/** Runs the programs of one check: without a shell, each in a group of its own, none left when the check is over. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { nowNs } from '../../../probe/api/api.ts';
import { ipcVariable, programVariable } from '../../../protocol/environment-variables.ts';
import type { Ran, Run } from '../check/check.ts';
import { endGroup, endTree } from './end-tree.ts';

/** Of each output, where a check asks for no other. */
const outputKept = 64 * 1024;
/** A descendant may hold the pipes open for ever: what has not come by then after the end is not waited for. */
const drainMs = 300;

/** What was run, for the log of the check. */
export interface Call {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Nothing where there is no such program. */
  readonly ran?: Ran;
  readonly durationNs: number;
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

export class Programs {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #calls: Call[] = [];
  readonly #endings = new Set<Promise<unknown>>();

  /** @param signal ends every program of the check */
  constructor(root: string, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
  }

  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Resolves when no program of the check is left. */
  async ended(): Promise<void> {
    while (this.#endings.size > 0) await Promise.allSettled(this.#endings);
  }

  readonly run: Run = async (command, args, { cwd = '.', env, input, maxBytes = outputKept } = {}) => {
    this.#signal.throwIfAborted();
    const folder = resolve(this.#root, cwd);
    if (!existsSync(folder)) throw new Error(`There is no folder ${folder} to run ${command} in.`);
    const startNs = nowNs();
    const mark = randomUUID();
    const around = { ...surroundings(), ...this.#ownTools(command, folder), ...env };
    const child = start(command, args, folder, { ...around, [programVariable]: mark }, input);
    const ending = child ? this.#follow(child, mark, maxBytes) : Promise.resolve(undefined);
    this.#endings.add(ending);
    const ran = await ending.finally(() => this.#endings.delete(ending));
    this.#calls.push({ command, args, cwd, ...(ran ? { ran } : {}), durationNs: Math.round(nowNs() - startNs) });
    this.#signal.throwIfAborted();
    return ran;
  };

  /** A program that the workspace has installed finds the others there first, its own Node among them, as npm has it. */
  #ownTools(command: string, folder: string): NodeJS.ProcessEnv {
    const bins = upTo(this.#root, folder).map((path) => join(path, 'node_modules', '.bin'));
    if (!bins.some((bin) => dirname(command) === bin)) return {};
    return { PATH: [...bins.filter((bin) => existsSync(bin)), process.env['PATH']].join(delimiter) };
  }

  /** To the end of the program or of the check, whichever is first; then nothing of it is left. */
  async #follow(child: Child, mark: string, maxBytes: number): Promise<Ran | undefined> {
    const stdout = new Tail(child.stdout, maxBytes);
    const stderr = new Tail(child.stderr, maxBytes);
    const closed = new Promise<void>((done) => child.once('close', () => done()));
    let ending: Promise<void> | undefined;
    const end = (): void => {
      if (child.pid !== undefined) ending ??= endTree(child.pid, mark);
    };
    this.#signal.addEventListener('abort', end, { once: true });
    try {
      const code = await exitOf(child);
      if (code === undefined) return undefined;
      if (this.#signal.aborted) end();
      else if (child.pid !== undefined) endGroup(child.pid);
      await Promise.race([closed, new Promise((done) => setTimeout(done, drainMs).unref())]);
      await ending;
      return { code, stdout: stdout.text, stderr: stderr.text, cut: stdout.cut || stderr.cut };
    } finally {
      this.#signal.removeEventListener('abort', end);
      child.stdout.destroy();
      child.stderr.destroy();
    }
  }
}

/** A folder and those around it, as far as the root. */
function upTo(root: string, folder: string): string[] {
  if (folder === root || !folder.startsWith(root)) return [root];
  return [folder, ...upTo(root, dirname(folder))];
}

/** Errors that say that there is no such program, or none that may or can be run. */
const missing = ['ENOENT', 'EACCES', 'EINVAL', 'ENOEXEC'];

const isMissing = (error: unknown): boolean => missing.includes((error as NodeJS.ErrnoException).code ?? '');

function start(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  input: string | undefined,
): Child | undefined {
  try {
    const stdin = input === undefined ? 'ignore' : 'pipe';
    const detached = process.platform !== 'win32';
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: [stdin, 'pipe', 'pipe'],
      detached,
      windowsHide: true,
    }) as Child;
    // A program that reads no input may be gone before it is written.
    child.stdin?.on('error', () => undefined).end(input);
    return child;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The exit code, 128 + n for signal n; nothing where there is no such program or it may not be run. */
function exitOf(child: Child): Promise<number | undefined> {
  return new Promise((done, fail) => {
    child.once('error', (error) => (isMissing(error) ? done(undefined) : fail(error)));
    child.once('exit', (code, signal) => done(code ?? 128 + numberOf(signal)));
  });
}

const numbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

function numberOf(signal: NodeJS.Signals | null): number {
  return (signal && numbers[signal]) || 0;
}

/** Variables that would let a program take us for its parent's profiler, or look at another repository. */
const notHanded = [ipcVariable, 'FORCE_COLOR', 'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX'];

/** Git takes no locks that a user's own command would stumble over, and asks nobody for a password. */
function surroundings(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !notHanded.includes(name));
  return { ...Object.fromEntries(own), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', NO_COLOR: '1' };
}

/** The last bytes of a stream. */
class Tail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  cut = false;

  constructor(stream: Readable, maxBytes: number) {
    this.#maxBytes = maxBytes;
    stream.on('data', (chunk: Buffer) => this.#add(chunk));
  }

  /** Without the rest of a character that was cut. */
  get text(): string {
    const bytes = Buffer.concat(this.#chunks);
    let start = Math.max(0, bytes.length - this.#maxBytes);
    while (this.cut && start < bytes.length && ((bytes[start] as number) & 0xc0) === 0x80) start++;
    return bytes.toString('utf8', start);
  }

  #add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.cut = true;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) >= this.#maxBytes) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }
}
