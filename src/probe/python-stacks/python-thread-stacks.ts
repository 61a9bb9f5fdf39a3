import type { Batch, Bye, Hello } from '../../protocol/batch/batch.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import { ThreadClock } from '../clocks/thread-clock.ts';
import { StackRecorder } from '../sampling/stack-recorder.ts';
import type { PythonFunctions } from './python-functions.ts';
import { type PythonOwner, probeOwner } from './python-owner.ts';
import type { PythonFrame } from './python-stack-reader.ts';

/** A thread that has used less than this since its last stack is left alone. */
const minUseNs = 100_000;

export interface PythonThreadStacksOptions {
  readonly pid: number;
  /** Number of the thread in the system. */
  readonly threadId: number;
  readonly source: string;
  readonly runtime: string;
  readonly name: string;
  readonly functions: PythonFunctions;
  readonly owner: PythonOwner;
  /** True if the thread has started while its process was observed, so that its first stack stands for all it has done. */
  readonly isNew: boolean;
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
  #sequence = 0;
  #samples = 0;
  #definitions: number[] = [];

  private constructor(options: PythonThreadStacksOptions, clock: ThreadClock) {
    this.#options = options;
    this.#clock = clock;
    this.#countedNs = options.isNew ? 0 : clock.readCpuNs();
    if (this.#countedNs > 0) this.#count([options.functions.unsampled], 0, this.#countedNs);
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
   * Takes a sample if the thread runs. The time of one that waits counts for the next stack, because the function that waits
   * has not used it.
   *
   * @param readStack returns undefined if the stack could not be read
   * @returns false if the stack could not be read
   */
  sample(readStack: () => readonly PythonFrame[] | undefined): boolean {
    try {
      if (this.#clock.readCpuNs() - this.#countedNs < minUseNs) return true;
      const frames = readStack();
      const use = this.#clock.read();
      if (!use?.isRunnable) return true;
      if (!frames) return false;
      const [ids, lines] = this.#toFunctions(frames);
      this.#count(ids, 1, use.cpuNs - this.#countedNs, lines);
      this.#countedNs = use.cpuNs;
      this.#samples++;
    } catch {
      // The thread has ended.
    }
    return true;
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

  #count(ids: readonly number[], samples: number, cpuNs: number, lines?: readonly number[]): void {
    for (const id of ids) {
      if (this.#defined.has(id)) continue;
      this.#defined.add(id);
      this.#definitions.push(id);
    }
    this.#recorder.add(ids, samples, Math.round(Math.max(0, cpuNs)), lines);
  }

  /** Returns the functions of a stack and their lines. Consecutive frames of the probe are one. */
  #toFunctions(frames: readonly PythonFrame[]): readonly [ids: readonly number[], lines: readonly number[]] {
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
