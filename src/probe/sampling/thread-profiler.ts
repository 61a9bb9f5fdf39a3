/**
 * One thread that is looked at from the sampler: overlapping recordings by the inspector, so that no moment is missed and
 * nothing is stopped. Commands are answered through V8's interrupts, also by a thread that never returns to its loop.
 */
import type { Wishes } from '../../protocol/control.ts';
import type { Vitals } from '../preload/thread-stats.ts';
import type { CpuProfile } from './fold-profile.ts';

/** The inspector of a thread, as seen from another one. */
export interface Inspector {
  post(method: string, parameters?: object): Promise<unknown>;
}

/** What the preload left in each thread, for the inspector to call; see `preload.ts`. */
export const anchor = 'pipescope';
const titlePrefix = 'pipescope ';

export class Subject {
  readonly threadId: number;
  readonly #inspector: Inspector;
  #recording = 0;
  #running = false;
  #intervalNs = 0;
  #chain: Promise<unknown> = Promise.resolve();

  constructor(threadId: number, inspector: Inspector) {
    this.threadId = threadId;
    this.#inspector = inspector;
  }

  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** Looks from now on at this interval; 0 looks no more. A profiler takes its interval only while it does not record. */
  look(intervalNs: number): Promise<void> {
    return this.#then(async () => {
      if (intervalNs === this.#intervalNs) return;
      await this.#end();
      this.#intervalNs = intervalNs;
      if (intervalNs === 0) return;
      await this.#inspector.post('Profiler.enable');
      await this.#inspector.post('Profiler.setSamplingInterval', { interval: Math.round(intervalNs / 1000) });
      this.#running = true;
      await this.#call(`start('${this.#title()}')`);
    });
  }

  /** Ends one recording after the next has begun, and tells what the thread itself knows. */
  rotate(): Promise<unknown> {
    return this.#then(async () => {
      if (!this.#running) return this.#call('vitals()');
      const before = this.#title();
      this.#recording++;
      return this.#call(`rotate('${this.#title()}','${before}')`);
    });
  }

  wish(wishes: Wishes): Promise<unknown> {
    return this.#then(() => this.#call(`wish(${JSON.stringify(wishes)})`));
  }

  /** Maps that the thread's runtime keeps of files. */
  async mapsOf(files: readonly string[]): Promise<Vitals['maps']> {
    return ((await this.#then(() => this.#call(`mapsOf(${JSON.stringify(files)})`))) ?? []) as Vitals['maps'];
  }

  stop(): Promise<void> {
    return this.#then(() => this.#end());
  }

  async #end(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#call(`stop('${this.#title()}')`);
    this.#recording++;
  }

  #title(): string {
    return `${titlePrefix}${this.threadId}.${this.#recording}`;
  }

  async #call(expression: string): Promise<unknown> {
    const told = (await this.#inspector.post('Runtime.evaluate', {
      expression: `globalThis[Symbol.for('${anchor}')]?.${expression}`,
      returnByValue: true,
      silent: true,
    })) as { readonly result?: { readonly value?: unknown } } | undefined;
    return told?.result?.value;
  }

  #then<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#chain.then(work);
    this.#chain = next.catch(() => undefined);
    return next;
  }
}

export function isOurs(profile: unknown): profile is { readonly title: string; readonly profile: CpuProfile } {
  const told = profile as { readonly title?: unknown; readonly profile?: unknown } | undefined;
  return typeof told?.title === 'string' && told.title.startsWith(titlePrefix) && typeof told.profile === 'object';
}
