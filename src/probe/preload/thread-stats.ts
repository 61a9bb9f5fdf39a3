/** What a thread tells of itself when the sampler asks: numbers that only it can see. */
import type { GaugeEvent } from '../../protocol/event.ts';
import type { WrappedFile } from '../exact/loader.ts';

export interface Vitals {
  readonly gauges: readonly GaugeEvent[];
  /** What the thread has spent on changing recordings, this time. */
  readonly spentMs: number;
  /** What the program has waited for the sampler at its start; told once. */
  readonly startMs: number;
  /** 99th percentile of what the event loop came too late since the last time. */
  readonly delayNs: number;
  /** References to source maps that loaders put under code of their making: file, reference. */
  readonly maps: readonly (readonly [string, string])[];
  readonly wrapped: readonly WrappedFile[];
  /** Lookups in caches that tell of themselves, since the last time. */
  readonly hits: number;
  readonly misses: number;
}
