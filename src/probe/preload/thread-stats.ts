import type { GaugeEvent } from '../../protocol/batch/batch.ts';
import type { ExactReport } from '../../protocol/batch/exact-report.ts';
import type { InstrumentedFile } from '../exact/file-instrumenter.ts';
import type { LoopTurn } from '../sampling/turns/turn-reader.ts';
import type { LookupCount } from './cache-lookups.ts';

/** A source map of a file: the path, and the text of its `sourceMappingURL` comment. */
export type SourceMapUrl = readonly [file: string, url: string];

/** Data that only the thread itself can read. The sampler requests it four times a second. */
export interface ThreadStats {
  readonly gauges: readonly GaugeEvent[];
  /** Time the thread spent on this rotation of CPU profiles. */
  readonly rotationMs: number;
  /** Time the program waited for the sampler before its first line; reported once, 0 afterwards. */
  readonly startWaitMs: number;
  /** Longest delay of the thread's event loop since the previous request. */
  readonly loopDelayNs: number;
  /** Turn of the event loop now. */
  readonly turn: LoopTurn;
  /** CPU time of the thread since the previous request, or since its first profile; absent if it is not known. */
  readonly cpuNs?: number | undefined;
  /** Time of the garbage collector since the previous request; absent if this version of Node does not report it. */
  readonly gcNs?: number | undefined;
  /** Source maps of code that loaders generated in memory. */
  readonly sourceMapUrls: readonly SourceMapUrl[];
  readonly instrumentedFiles: readonly InstrumentedFile[];
  /** Everything known about the functions to be timed exactly, if that has changed. */
  readonly exactReports?: readonly ExactReport[] | undefined;
  /** Lookups in caches that report to diagnostics channels, since the previous request. */
  readonly lookups: readonly LookupCount[];
  /** Sentences for the user about what is not measured in this thread. */
  readonly notices: readonly string[];
}

/** Data that a thread posts at its end, because it does not answer any more afterwards. */
export interface FinalStats {
  readonly stats: ThreadStats;
  /** CPU time of the thread since its start; undefined if it is not known. */
  readonly cpuNs: number | undefined;
  readonly heapBytes: number;
}
