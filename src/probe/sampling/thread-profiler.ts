import type { ProbeConfig } from '../../protocol/control.ts';
import type { SourceMapUrl } from '../preload/thread-stats.ts';
import type { CpuProfile } from './fold-profile.ts';
import { evaluate } from './interrupt/evaluate.ts';

/** Inspector of a thread, used from another thread. */
export interface Inspector {
  post(method: string, parameters?: object): Promise<unknown>;
}

/** Key of everything the preload leaves in a thread; `Symbol.for(probeKey)` on `globalThis` is its `ThreadAgent`. */
export const probeKey = 'pipescope';
/** Key of the agent that the sampler leaves in a thread without a preload. */
export const remoteAgentKey = 'pipescope remote';
/** Start of the titles of the probe's CPU profiles. */
export const titlePrefix = 'pipescope ';

/**
 * Profiles one thread of the program through its inspector. Successive CPU profiles overlap, so no moment is missed and
 * the thread is not stopped. V8 answers through interrupts, even in a thread that never returns to its event loop.
 */
export class ThreadProfiler {
  readonly threadId: number;
  readonly #inspector: Inspector;
  readonly #agentKey: string;
  #intervalNs = 0;
  /** True once the thread may be recording profiles. */
  #isSampling = false;
  /** Settles after the last command, because commands run one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param agentKey name of the global symbol under which the thread has its agent */
  constructor(threadId: number, inspector: Inspector, agentKey = probeKey) {
    this.threadId = threadId;
    this.#inspector = inspector;
    this.#agentKey = agentKey;
  }

  /** False for a worker that does not load the preload, because it has its own environment. */
  get isPreloaded(): boolean {
    return this.#agentKey === probeKey;
  }

  /** Removes the agent that the sampler has left in a thread without a preload. */
  async removeAgent(): Promise<void> {
    if (!this.isPreloaded) await this.#callAgent('remove()');
  }

  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** True while the thread may record profiles of V8's profiler. */
  get isSampling(): boolean {
    return this.#isSampling;
  }

  /**
   * Sets the sampling interval; 0 stops sampling. V8 accepts an interval only while it records no profile, so a change
   * ends the current profile and starts another.
   */
  setInterval(intervalNs: number): Promise<void> {
    return this.#enqueue(async () => {
      if (intervalNs === this.#intervalNs) return;
      await this.#end();
      this.#intervalNs = intervalNs;
      if (intervalNs === 0 || !(await this.#callAgent('mayEverSample'))) return;
      await this.#inspector.post('Profiler.enable');
      await this.#inspector.post('Profiler.setSamplingInterval', { interval: Math.round(intervalNs / 1000) });
      this.#isSampling = true;
      await this.#callAgent('start()');
    });
  }

  /** Starts the next profile, ends the current one, and returns the `ThreadStats`, or undefined without an agent. */
  rotate(): Promise<unknown> {
    return this.#enqueue(async () => {
      return this.#callAgent(this.#isSampling ? 'rotate()' : 'drainStats()');
    });
  }

  /** Interrupts the thread and returns its stack as `StackCapture` does. Does not wait for other commands. */
  requestStack(): Promise<unknown> {
    return this.#callAgent('sample()');
  }

  /** Returns the number of the thread in the system, if it is known. */
  async systemThreadId(): Promise<number | undefined> {
    const id = await this.#enqueue(() => this.#callAgent('systemThreadId'));
    return typeof id === 'number' ? id : undefined;
  }

  configure(config: ProbeConfig): Promise<unknown> {
    return this.#enqueue(() => this.#callAgent(`configure(${JSON.stringify(config)})`));
  }

  /** Returns the source maps that the thread's runtime holds for these files. */
  async sourceMapsOf(files: readonly string[]): Promise<readonly SourceMapUrl[]> {
    const sourceMaps = await this.#enqueue(() => this.#callAgent(`sourceMapsOf(${JSON.stringify(files)})`));
    return (sourceMaps ?? []) as readonly SourceMapUrl[];
  }

  stop(): Promise<void> {
    return this.#enqueue(() => this.#end());
  }

  async #end(): Promise<void> {
    if (!this.#isSampling) return;
    this.#isSampling = false;
    await this.#callAgent('stop()');
  }

  /**
   * Evaluates a method call on the thread's `ThreadAgent` and returns its result. A call that is repeated has the same text
   * each time, so that V8 compiles it once and reports it to a debugger once.
   */
  #callAgent(call: string): Promise<unknown> {
    return evaluate(this.#inspector, { expression: `globalThis[Symbol.for('${this.#agentKey}')]?.${call}` });
  }

  #enqueue<T>(command: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(command);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** Tells the probe's profiles from those that the program itself starts with `console.profile`. */
export function isProbeProfile(
  parameters: unknown,
): parameters is { readonly title: string; readonly profile: CpuProfile } {
  const { title, profile } = (parameters ?? {}) as { readonly title?: unknown; readonly profile?: unknown };
  return typeof title === 'string' && title.startsWith(titlePrefix) && typeof profile === 'object';
}
