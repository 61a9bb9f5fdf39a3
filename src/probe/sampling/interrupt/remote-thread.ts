/**
 * Part of the probe that the sampler evaluates in a thread that does not load the preload: see `createRemoteAgent`. It
 * hooks only the end of the thread, so stacks are sampled there, but functions are not timed exactly.
 */
import { readSystemThreadId, ThreadCpuClock } from '../../clocks/thread-cpu-clock.ts';
import type { SourceMapUrl, ThreadStats } from '../../preload/thread-stats.ts';
import { remoteAgentKey, titlePrefix } from '../thread-profiler.ts';
import { StackCapture } from './stack-capture.ts';

const key = Symbol.for(remoteAgentKey);

/** The methods of `ThreadAgent` that sampling needs. The sampler calls them by name. */
class RemoteThread {
  readonly mayEverSample = true;
  // Bound at the start, because programs replace the methods of `console`.
  readonly #startProfile = console.profile.bind(console);
  readonly #endProfile = console.profileEnd.bind(console);
  readonly #now = performance.now.bind(performance);
  readonly #stackCapture = new StackCapture();
  readonly #cpuClock = new ThreadCpuClock();
  /** Title of the CPU profile that is being recorded. */
  #title: string | undefined;
  #profileCount = 0;
  readonly #removeHook = onExit(() => this.stop());

  get systemThreadId(): number | undefined {
    return readSystemThreadId();
  }

  sample(): string {
    return this.#stackCapture.capture();
  }

  start(): void {
    this.#cpuClock.start();
    this.#title = `${titlePrefix}remote ${this.#profileCount++}`;
    this.#startProfile(this.#title);
  }

  stop(): void {
    if (this.#title !== undefined) this.#endProfile(this.#title);
    this.#title = undefined;
  }

  /** Starts the next CPU profile before it ends the current one, so that no moment is missed. */
  rotate(): ThreadStats {
    const startMs = this.#now();
    const previous = this.#title;
    this.start();
    if (previous !== undefined) this.#endProfile(previous);
    return { ...this.drainStats(), rotationMs: this.#now() - startMs };
  }

  drainStats(): ThreadStats {
    return {
      gauges: [],
      rotationMs: 0,
      startWaitMs: 0,
      loopDelayNs: 0,
      turn: this.#stackCapture.readTurn(),
      cpuNs: this.#cpuClock.drainNs(),
      sourceMapUrls: [],
      instrumentedFiles: [],
      lookups: [],
      notices: [],
    };
  }

  sourceMapsOf(): readonly SourceMapUrl[] {
    return [];
  }

  /** Leaves the thread as it was. */
  remove(): void {
    this.stop();
    this.#removeHook();
    this.#stackCapture.close();
    Reflect.deleteProperty(globalThis, key);
  }

  configure(): void {
    // No functions are timed exactly here.
  }
}

/**
 * Calls `end` when the thread exits. Node reads `process.emit` just before; a listener would be counted. Returns a function
 * that removes the hook.
 */
function onExit(end: () => void): () => void {
  const prototype: object = Object.getPrototypeOf(process);
  Object.defineProperty(prototype, 'emit', {
    configurable: true,
    enumerable: true,
    get() {
      if ((process as { readonly _exiting?: boolean })._exiting) end();
      return Object.getPrototypeOf(prototype).emit;
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'emit', { configurable: true, enumerable: true, writable: true, value });
    },
  });
  return () => Reflect.deleteProperty(prototype, 'emit');
}

if (!(key in globalThis)) Object.defineProperty(globalThis, key, { configurable: true, value: new RemoteThread() });
