import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Batch } from '../../protocol/batch/batch.ts';
import type { StacksRefusal } from '../../protocol/python-stacks-message.ts';
import { type FoundPython, findPython } from './find-python.ts';
import { type ForeignMemory, UnreadableMemory } from './foreign-memory.ts';
import { PythonFunctions } from './python-functions.ts';
import type { PythonOwner } from './python-owner.ts';
import { type PythonFrame, PythonStackReader, type PythonThread } from './python-stack-reader.ts';
import { PythonThreadStacks } from './python-thread-stacks.ts';
import { findThreadIds } from './thread-ids.ts';

/** Time between two looks at the threads of a process. */
const threadsIntervalMs = 50;
/** A stack that has changed while it was read is read again so many times. */
const maxRepeats = 8;
/** After so many failures in succession, the process has ended or runs another program. */
const maxFailures = 20;

export interface SampledProcessOptions {
  readonly pid: number;
  readonly owner: PythonOwner;
  /** Number of programs that the process has run before. */
  readonly generation: number;
}

/** A process that runs Python. Its memory is read from outside; nothing in it is changed. */
export class SampledProcess {
  readonly #pid: number;
  readonly #options: SampledProcessOptions;
  readonly #memory: ForeignMemory;
  readonly #reader: PythonStackReader;
  readonly #functions: PythonFunctions;
  readonly #runtime: string;
  readonly #name: string;
  #threads: readonly { readonly thread: PythonThread; readonly stacks: PythonThreadStacks }[] = [];
  #finished: Batch[] = [];
  #threadsReadMs = Number.NEGATIVE_INFINITY;
  #hasReadThreads = false;
  #failures = 0;
  #samples = 0;
  #changedStacks = 0;

  private constructor(options: SampledProcessOptions, python: FoundPython) {
    this.#options = options;
    this.#pid = options.pid;
    this.#memory = python.memory;
    this.#reader = new PythonStackReader(python);
    this.#functions = new PythonFunctions(options.owner, readlinkSync(`/proc/${options.pid}/cwd`));
    this.#runtime = `python ${python.version}`;
    this.#name = readProgramName(options.pid);
  }

  /** Returns the reason if stacks of the process cannot be read. */
  static open(options: SampledProcessOptions): SampledProcess | StacksRefusal {
    const python = findPython(options.pid);
    if (!('memory' in python)) return python;
    try {
      const process = new SampledProcess(options, python);
      // Python lists its first thread at the end of its initialization.
      if (process.#reader.threads().length > 0) return process;
      process.close();
    } catch {
      python.memory.close();
    }
    return { reason: 'starting' };
  }

  get version(): string {
    return this.#runtime.replace('python ', '');
  }

  /** Numbers of stacks that were used, and of those that were not, because they changed whenever they were read. */
  get counts(): { readonly samples: number; readonly changedStacks: number } {
    const samples = this.#threads.reduce((sum, { stacks }) => sum + stacks.samples, this.#samples);
    return { samples, changedStacks: this.#changedStacks };
  }

  /** Takes a sample of each thread that runs. Returns false once the process has ended or runs another program. */
  sample(intervalMs: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#threadsReadMs >= threadsIntervalMs) {
      try {
        this.#findThreads(intervalMs);
        this.#threadsReadMs = nowMs;
        this.#failures = 0;
      } catch (error) {
        if (!(error instanceof UnreadableMemory)) return false;
        this.#failures++;
        if (this.#failures > maxFailures) return false;
      }
    }
    for (const { thread, stacks } of this.#threads) {
      if (!stacks.sample(() => this.#readStack(thread))) this.#changedStacks++;
    }
    return true;
  }

  /** Returns batches of what has changed. */
  drain(intervalMs: number): readonly Batch[] {
    const finished = this.#finished;
    this.#finished = [];
    return [...finished, ...this.#threads.flatMap(({ stacks }) => stacks.drain(intervalMs) ?? [])];
  }

  /** Returns the last batches. The process must not be used afterwards. */
  finish(intervalMs: number): readonly Batch[] {
    for (const { stacks } of this.#threads) this.#finishThread(stacks, intervalMs);
    this.#threads = [];
    this.close();
    return this.drain(intervalMs);
  }

  close(): void {
    for (const { stacks } of this.#threads) stacks.close();
    this.#memory.close();
  }

  #readStack(thread: PythonThread): readonly PythonFrame[] | undefined {
    for (let repeats = 0; repeats <= maxRepeats; repeats++) {
      try {
        return this.#reader.stackOf(thread);
      } catch (error) {
        if (!(error instanceof UnreadableMemory)) throw error;
      }
    }
    return undefined;
  }

  #findThreads(intervalMs: number): void {
    const existing = new Map(this.#threads.map(({ stacks }) => [stacks.threadId, stacks]));
    const systemIds = readdirSync(`/proc/${this.#pid}/task`).map(Number);
    const ids = findThreadIds(this.#memory, this.#reader.threads(), systemIds);
    const current = ids.flatMap(([thread, threadId]) => {
      const stacks = existing.get(threadId) ?? this.#openThread(threadId);
      existing.delete(threadId);
      return stacks ? [{ thread, stacks }] : [];
    });
    for (const ended of existing.values()) this.#finishThread(ended, intervalMs);
    this.#threads = current;
    this.#hasReadThreads = true;
  }

  #openThread(threadId: number): PythonThreadStacks | undefined {
    const { pid, owner, generation } = this.#options;
    const isMain = threadId === pid;
    return PythonThreadStacks.open({
      pid,
      threadId,
      source: `${pid}.${isMain ? 0 : threadId}/stacks${generation > 0 ? generation + 1 : ''}`,
      runtime: this.#runtime,
      name: isMain ? this.#name : `${this.#name} thread ${threadId}`,
      functions: this.#functions,
      owner,
      isNew: this.#hasReadThreads,
    });
  }

  #finishThread(stacks: PythonThreadStacks, intervalMs: number): void {
    const batch = stacks.drain(intervalMs, { reason: 'end' });
    if (batch) this.#finished.push(batch);
    this.#samples += stacks.samples;
    stacks.close();
  }
}

/** Returns the module after `-m`, or the name of the script: see `program_name` of the Python probe. */
function readProgramName(pid: number): string {
  const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  for (let index = 1; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (argument === '-m') return argv[index + 1] ?? 'python';
    if (argument !== '' && !argument.startsWith('-')) return basename(argument);
    if (argument === '-c') break;
    // Options with a value of their own.
    if (argument === '-W' || argument === '-X') index++;
  }
  return 'python';
}
