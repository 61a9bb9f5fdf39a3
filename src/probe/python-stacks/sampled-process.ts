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

/** Stacks that were not used are reported if they are more than this part, of at least so many. */
const maxChangedShare = 0.05;
const minReadsToJudge = 50;

interface StackCounts {
  readonly samples: number;
  readonly changedStacks: number;
}

export interface SampledProcessOptions {
  readonly pid: number;
  readonly owner: PythonOwner;
  /** Number of programs that the process has run before. */
  readonly generation: number;
  /** CPU time of its threads that was already counted when it ran another program, by their numbers in the system. */
  readonly countedNs?: ReadonlyMap<number, number>;
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
  readonly #countedNs = new Map<number, number>();
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
  get counts(): StackCounts {
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

  /** Reads the CPU time of all threads, because it cannot be read after their end. */
  readClocks(): void {
    for (const { stacks } of this.#threads) stacks.readClock();
  }

  /** CPU time of its threads that was counted, by their numbers in the system, after `finish`. */
  get countedNs(): ReadonlyMap<number, number> {
    return this.#countedNs;
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
    const notice = changedStacksNotice(this.#name, this.counts);
    const last = this.#finished.pop();
    if (last) this.#finished.push(notice ? { ...last, notices: [notice] } : last);
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
    const { pid, owner, generation, countedNs } = this.#options;
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
      countedNs: countedNs?.get(threadId) ?? 0,
    });
  }

  #finishThread(stacks: PythonThreadStacks, intervalMs: number): void {
    stacks.end();
    const batch = stacks.drain(intervalMs, { reason: 'end' });
    if (batch) this.#finished.push(batch);
    this.#samples += stacks.samples;
    this.#countedNs.set(stacks.threadId, stacks.countedNs);
    stacks.close();
  }
}

/**
 * Returns what to say about stacks that were not used, or undefined if they are too few to matter.
 *
 * @param counts see `SampledProcess.counts`
 */
export function changedStacksNotice(name: string, { samples, changedStacks }: StackCounts): string | undefined {
  const reads = samples + changedStacks;
  const share = changedStacks / reads;
  if (reads < minReadsToJudge || share <= maxChangedShare) return undefined;
  return `${Math.round(100 * share)} % of the call stacks of ${name} changed while they were read and were not used. Their time belongs to the stacks after them, so that short functions may have too little.`;
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
