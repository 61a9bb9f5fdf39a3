import type { ProbeConfig } from '../../protocol/control.ts';
import type { SourceMapUrl } from '../preload/thread-stats.ts';
import type { CpuProfile } from './fold-profile.ts';

/** Inspector of a thread, used from another thread. */
export interface Inspector {
  post(method: string, parameters?: object): Promise<unknown>;
}

/** Key of everything the preload leaves in a thread; `Symbol.for(probeKey)` on `globalThis` is its `ThreadAgent`. */
export const probeKey = 'pipescope';
const titlePrefix = 'pipescope ';

/**
 * Profiles one thread of the program through its inspector. Successive CPU profiles overlap, so no moment is missed and
 * the thread is not stopped. V8 answers through interrupts, even in a thread that never returns to its event loop.
 */
export class ThreadProfiler {
  readonly threadId: number;
  readonly #inspector: Inspector;
  #intervalNs = 0;
  /** Title of the profile being recorded; undefined while the thread is not profiled. */
  #title: string | undefined;
  #profileCount = 0;
  /** Settles after the last command, because commands run one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(threadId: number, inspector: Inspector) {
    this.threadId = threadId;
    this.#inspector = inspector;
  }

  get intervalNs(): number {
    return this.#intervalNs;
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
      if (intervalNs === 0) return;
      await this.#inspector.post('Profiler.enable');
      await this.#inspector.post('Profiler.setSamplingInterval', { interval: Math.round(intervalNs / 1000) });
      this.#title = this.#nextTitle();
      await this.#callAgent(`start('${this.#title}')`);
    });
  }

  /** Starts the next profile, ends the current one, and returns the `ThreadStats`, or undefined without an agent. */
  rotate(): Promise<unknown> {
    return this.#enqueue(async () => {
      if (this.#title === undefined) return this.#callAgent('drainStats()');
      const previous = this.#title;
      this.#title = this.#nextTitle();
      return this.#callAgent(`rotate('${this.#title}','${previous}')`);
    });
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
    const title = this.#title;
    if (title === undefined) return;
    this.#title = undefined;
    await this.#callAgent(`stop('${title}')`);
  }

  #nextTitle(): string {
    return `${titlePrefix}${this.threadId}.${this.#profileCount++}`;
  }

  /** Evaluates a method call on the thread's `ThreadAgent` and returns its result. */
  async #callAgent(call: string): Promise<unknown> {
    const response = (await this.#inspector.post('Runtime.evaluate', {
      expression: `globalThis[Symbol.for('${probeKey}')]?.${call}`,
      returnByValue: true,
      silent: true,
    })) as { readonly result?: { readonly value?: unknown } } | undefined;
    return response?.result?.value;
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
