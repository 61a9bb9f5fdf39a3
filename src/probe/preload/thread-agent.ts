import { findSourceMap } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Batch } from '../../protocol/batch/batch.ts';
import type { ProbeConfig } from '../../protocol/control.ts';
import { FileInstrumenter } from '../exact/file-instrumenter.ts';
import { hasCompiler, hookModuleLoading } from '../exact/module-hooks.ts';
import { CodeOwner } from '../source/code-owner.ts';
import { findSourceMapUrl } from '../source/source-map-url.ts';
import { DiagnosticsCounters } from './diagnostics-counters.ts';
import type { SourceMapUrl, ThreadStats } from './thread-stats.ts';

/** Message that a thread sends to the sampler on its own initiative. */
export interface AgentMessage {
  /** Memory of the exact counters, sent once when the thread creates them. */
  readonly memory?: SharedArrayBuffer;
  /** Batch that the program recorded through the probe API. */
  readonly batch?: Batch;
}

/** Maximum number of source maps kept until the sampler requests them. */
const maxSourceMapUrls = 2000;

/**
 * The part of the probe that lives in every thread of the program. It starts and stops CPU profiles for the sampler, and
 * reports what only the thread knows: event-loop delay, source maps and instrumented files.
 *
 * The sampler calls its methods by name, through `Runtime.evaluate`: see `ThreadProfiler`.
 */
export class ThreadAgent {
  // Bound at the start, because programs replace the methods of `console`.
  readonly #startProfile = console.profile.bind(console);
  readonly #endProfile = console.profileEnd.bind(console);
  readonly #now = performance.now.bind(performance);
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 20 });
  readonly #diagnostics = new DiagnosticsCounters();
  readonly #instrumenter: FileInstrumenter;
  readonly #codeOwner: CodeOwner;
  readonly #send: (message: AgentMessage) => void;
  readonly #endListeners: (() => void)[] = [];
  readonly #sourceMapUrls: SourceMapUrl[] = [];
  #isHooked = false;
  #startWaitMs = 0;

  constructor(config: ProbeConfig, probeFolder: string, send: (message: AgentMessage) => void) {
    this.#send = send;
    this.#codeOwner = new CodeOwner(config.workspace, probeFolder);
    this.#instrumenter = new FileInstrumenter(config, (memory) => send({ memory }));
    this.#loopDelay.enable();
    if (this.#instrumenter.isActive || hasCompiler()) this.#hookLoading();
  }

  start(title: string): void {
    this.#startProfile(title);
  }

  stop(title: string): void {
    this.#endProfile(title);
  }

  /** Adds the time that the program waited for the sampler before its first line. */
  addStartWait(ms: number): void {
    this.#startWaitMs += ms;
  }

  /** Sends a batch that the program recorded through the probe API. */
  sendBatch(batch: Batch): void {
    this.#send({ batch });
  }

  /** Registers a listener that runs before the thread waits for the sampler at its end. */
  onEnd(listener: () => void): void {
    this.#endListeners.push(listener);
  }

  end(): void {
    for (const listener of this.#endListeners) listener();
  }

  /** Starts the CPU profile `next` before it ends `previous`, so that no moment is missed. */
  rotate(next: string, previous: string): ThreadStats {
    const startMs = this.#now();
    this.#startProfile(next);
    this.#endProfile(previous);
    const stats = this.drainStats();
    return { ...stats, rotationMs: this.#now() - startMs };
  }

  drainStats(): ThreadStats {
    const delayNs = this.#loopDelay.percentile(99);
    this.#loopDelay.reset();
    const startWaitMs = this.#startWaitMs;
    this.#startWaitMs = 0;
    return {
      startWaitMs,
      ...this.#diagnostics.drain(),
      rotationMs: 0,
      loopDelayP99Ns: Number.isFinite(delayNs) ? delayNs : 0,
      sourceMapUrls: this.#sourceMapUrls.splice(0),
      instrumentedFiles: this.#instrumenter.drainFiles(),
    };
  }

  /** Returns the source maps that Node holds for these files, as data URLs. */
  sourceMapsOf(files: readonly string[]): readonly SourceMapUrl[] {
    return files.flatMap((file) => {
      const payload = findSourceMap(file)?.payload;
      return payload ? [[file, `data:application/json,${encodeURIComponent(JSON.stringify(payload))}`] as const] : [];
    });
  }

  configure(config: ProbeConfig): void {
    this.#instrumenter.configure(config);
    if (this.#instrumenter.isActive) this.#hookLoading();
  }

  #hookLoading(): void {
    if (this.#isHooked) return;
    this.#isHooked = true;
    hookModuleLoading((code, file, kind) => {
      if (!this.#codeOwner.isUserCode(file)) return code;
      const url = findSourceMapUrl(code);
      // Only inline maps are reported, because the sampler finds a map beside the file by itself.
      if (url?.startsWith('data:') && this.#sourceMapUrls.length < maxSourceMapUrls)
        this.#sourceMapUrls.push([file, url]);
      return this.#instrumenter.instrument(code, file, kind);
    });
  }
}
