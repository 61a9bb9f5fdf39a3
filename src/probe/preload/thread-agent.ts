/** What stays in each thread of a program: it records when the sampler says so, and tells what only the thread itself knows. */
import { findSourceMap } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Wishes } from '../../protocol/control.ts';
import type { Batch } from '../../protocol/event.ts';
import { Loader } from '../exact/loader.ts';
import { hookLoading, isCompiled } from '../exact/module-hooks.ts';
import { Owner } from '../source/code-owner.ts';
import { referenceIn } from '../source/source-map-url.ts';
import { Channels } from './channels.ts';
import type { Vitals } from './thread-stats.ts';

/** What a thread says to the sampler by itself: where its counters are; what the program reports of itself. */
export interface Word {
  readonly memory?: SharedArrayBuffer;
  readonly batch?: Batch;
}

/** References to maps that wait to be told. */
const mapsKept = 2000;

export class Presence {
  // Programs replace the console; the recorder is kept as it was.
  readonly #begin = console.profile.bind(console);
  readonly #finish = console.profileEnd.bind(console);
  readonly #now = performance.now.bind(performance);
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  readonly #channels = new Channels();
  readonly #loader: Loader;
  readonly #owner: Owner;
  readonly #tell: (word: Word) => void;
  readonly #ends: (() => void)[] = [];
  #maps: [string, string][] = [];
  #hooked = false;
  #startMs = 0;

  constructor(wishes: Wishes, home: string, tell: (word: Word) => void) {
    this.#tell = tell;
    this.#owner = new Owner(wishes.workspace, home);
    this.#loader = new Loader(wishes, (memory) => tell({ memory }));
    this.#delay.enable();
    if (this.#loader.wanted || isCompiled()) this.#hook();
  }

  start(title: string): void {
    this.#begin(title);
  }

  stop(title: string): void {
    this.#finish(title);
  }

  /** The program has waited this long before its own first line. */
  waited(ms: number): void {
    this.#startMs += ms;
  }

  /** Sends what the program itself reports, by the probe's functions. */
  speak(batch: Batch): void {
    this.#tell({ batch });
  }

  /** Called before the thread waits for its end. */
  onEnd(listener: () => void): void {
    this.#ends.push(listener);
  }

  end(): void {
    for (const listener of this.#ends) listener();
  }

  rotate(next: string, before: string): Vitals {
    const startMs = this.#now();
    this.#begin(next);
    this.#finish(before);
    const vitals = this.vitals();
    return { ...vitals, spentMs: this.#now() - startMs };
  }

  vitals(): Vitals {
    const delayNs = this.#delay.percentile(99);
    this.#delay.reset();
    const startMs = this.#startMs;
    this.#startMs = 0;
    return {
      startMs,
      ...this.#channels.take(),
      spentMs: 0,
      delayNs: Number.isFinite(delayNs) ? delayNs : 0,
      maps: this.#maps.splice(0),
      wrapped: this.#loader.takeWrapped(),
    };
  }

  /** Maps that Node itself keeps of these files, as text. */
  mapsOf(files: readonly string[]): readonly (readonly [string, string])[] {
    return files.flatMap((file) => {
      const payload = findSourceMap(file)?.payload;
      return payload ? [[file, `data:application/json,${encodeURIComponent(JSON.stringify(payload))}`] as const] : [];
    });
  }

  wish(wishes: Wishes): void {
    this.#loader.wish(wishes);
    if (this.#loader.wanted) this.#hook();
  }

  #hook(): void {
    if (this.#hooked) return;
    this.#hooked = true;
    hookLoading((code, file, kind) => {
      if (!this.#owner.isOwn(file)) return code;
      const told = referenceIn(code);
      // A map that lies beside the file is found without being told.
      if (told?.startsWith('data:') && this.#maps.length < mapsKept) this.#maps.push([file, told]);
      return this.#loader.load(code, file, kind);
    });
  }
}
