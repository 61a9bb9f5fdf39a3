import type { Batch, Bye, Hello } from '../../protocol/batch/batch.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import { ThreadClock } from '../clocks/thread-clock.ts';
import { StackRecorder } from '../sampling/stack-recorder.ts';
import type { PythonFunctions } from './python-functions.ts';
import { type PythonOwner, probeOwner } from './python-owner.ts';
import type { PythonFrame } from './python-stack-reader.ts';

/** CPU time that has changed by less than this was not updated yet. */
const minUseNs = 100_000;
/** Maximum number of stacks between two updates of the CPU time. */
const maxPending = 64;

type FunctionStack = readonly [ids: readonly number[], lines: readonly number[]];

export interface PythonThreadStacksOptions {
  readonly pid: number;
  /** Number of the thread in the system. */
  readonly threadId: number;
  readonly source: string;
  readonly runtime: string;
  readonly name: string;
  readonly functions: PythonFunctions;
  readonly owner: PythonOwner;
  /**
   * True if the thread has started while its process was observed, so that its first stack stands for all it has done. What
   * another one has used before the first stack is `(not sampled)`.
   */
  readonly isNew: boolean;
  /** CPU time of the thread that was already counted, when the process ran another program. */
  readonly countedNs: number;
}

/** Stack tree of one thread of another process. Each stack counts for the CPU time since the previous one. */
export class PythonThreadStacks {
  readonly #options: PythonThreadStacksOptions;
  readonly #clock: ThreadClock;
  readonly #recorder = new StackRecorder();
  readonly #defined = new Set<number>();
  readonly #startMs = performance.now();
  readonly #wallStartMs = Date.now();
  /** CPU time that was counted or belongs to no stack. */
  #countedNs: number;
  /** CPU time when it was last read. */
  #cpuNs: number;
  #sequence = 0;
  #samples = 0;
  #definitions: number[] = [];
  /** Stacks since the CPU time was last updated. */
  #pending: FunctionStack[] = [];

  private constructor(options: PythonThreadStacksOptions, clock: ThreadClock) {
    this.#options = options;
    this.#clock = clock;
    this.#countedNs = options.countedNs;
    this.#cpuNs = clock.readCpuNs();
    if (!options.isNew) this.#countRest();
  }

  /** Returns undefined if the thread has ended, or if the system does not report its CPU time. */
  static open(options: PythonThreadStacksOptions): PythonThreadStacks | undefined {
    const clock = ThreadClock.open(options.threadId, options.pid);
    return clock && new PythonThreadStacks(options, clock);
  }

  get threadId(): number {
    return this.#options.threadId;
  }

  /**
   * Takes a sample if the thread runs. The system updates the CPU time of a thread that runs only every few milliseconds; what it
   * used until then is divided among the stacks since the previous update. The time of a thread that waits counts for the next
   * stack, because the function that waits has not used it.
   *
   * @param readStack returns undefined if the stack could not be read
   * @returns false if the stack could not be read
   */
  sample(readStack: () => readonly PythonFrame[] | undefined): boolean {
    try {
      const before = this.#clock.read();
      if (!before?.isRunnable) return true;
      const frames = readStack();
      const use = this.#clock.read();
      if (!use?.isRunnable) return true;
      if (frames && this.#pending.length < maxPending) this.#pending.push(this.#toFunctions(frames));
      this.#cpuNs = use.cpuNs;
      if (this.#cpuNs - this.#countedNs >= minUseNs) this.#countPending();
      return frames !== undefined;
    } catch {
      // The thread has ended.
    }
    return true;
  }

  /** Reads the CPU time, which cannot be read any more when the thread has ended. */
  readClock(): void {
    try {
      this.#cpuNs = this.#clock.readCpuNs();
    } catch {
      // The thread has ended.
    }
  }

  /** CPU time that was counted. */
  get countedNs(): number {
    return this.#countedNs;
  }

  /** Counts the time since the last stack, to which no further stack will belong. */
  end(): void {
    this.readClock();
    this.#countRest();
  }

  /** Returns a batch of what has changed, or undefined if nothing has. */
  drain(intervalMs: number, bye?: Bye): Batch | undefined {
    const deltas = this.#recorder.drain();
    if (!deltas.stackSamples && !(bye && this.#sequence > 0)) return undefined;
    const { functions, source } = this.#options;
    const definitions = this.#definitions.flatMap((id) => functions.definitionOf(id) ?? []);
    this.#definitions = [];
    const sequence = this.#sequence++;
    const droppedLines = this.#recorder.drainDroppedLines();
    return {
      v: protocolVersion,
      source,
      sequence,
      atNs: Math.round((performance.now() - this.#startMs) * 1e6),
      ...(sequence === 0 ? { hello: this.#hello() } : {}),
      ...(definitions.length > 0 ? { definitions } : {}),
      ...deltas,
      ...(deltas.stackLines ? { stackLineSource: 'ticks' as const } : {}),
      ...(droppedLines > 0 ? { dropped: { values: droppedLines } } : {}),
      samplingNs: Math.round(intervalMs * 1e6),
      cost: { events: 0, flushNs: 0 },
      ...(bye ? { bye } : {}),
    };
  }

  get samples(): number {
    return this.#samples;
  }

  close(): void {
    this.#clock.close();
  }

  #hello(): Hello {
    const { pid, threadId, runtime, name } = this.#options;
    return {
      pid,
      threadId: threadId === pid ? 0 : threadId,
      runtime,
      name,
      wallStartMs: this.#wallStartMs,
      recordNs: 0,
      fromOutside: true,
    };
  }

  #countPending(): void {
    if (this.#pending.length === 0) return;
    const shareNs = (this.#cpuNs - this.#countedNs) / this.#pending.length;
    for (const [ids, lines] of this.#pending) this.#count(ids, 1, shareNs, lines);
    this.#samples += this.#pending.length;
    this.#pending = [];
    this.#countedNs = this.#cpuNs;
  }

  #countRest(): void {
    this.#countPending();
    const restNs = this.#cpuNs - this.#countedNs;
    if (!(restNs > 0)) return;
    this.#count([this.#options.functions.unsampled], 0, restNs);
    this.#countedNs = this.#cpuNs;
  }

  #count(ids: readonly number[], samples: number, cpuNs: number, lines?: readonly number[]): void {
    for (const id of ids) {
      if (this.#defined.has(id)) continue;
      this.#defined.add(id);
      this.#definitions.push(id);
    }
    this.#recorder.add(ids, samples, Math.round(Math.max(0, cpuNs)), lines);
  }

  /** Returns the functions of a stack and their lines. Consecutive frames of the probe are one. */
  #toFunctions(frames: readonly PythonFrame[]): FunctionStack {
    const { functions } = this.#options;
    const [ids, lines]: [number[], number[]] = [[], []];
    for (const { code, line } of frames) {
      const id = functions.idOf(code);
      const definition = functions.definitionOf(id);
      const isOfProbe = definition?.name === probeOwner;
      if (isOfProbe && ids.at(-1) === id) continue;
      ids.push(id);
      lines.push(definition?.file === undefined ? 0 : line);
    }
    return ids.length > 0 ? [ids, lines] : [[functions.interpreter], [0]];
  }
}
