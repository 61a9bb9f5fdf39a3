import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ResourceSample } from '../../protocol/batch/batch.ts';

/** Samples memory and CPU time of the process, and the event-loop delay of this thread. */
export class ResourceMonitor {
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#loopDelay.enable();
  }

  /** Returns cumulative usage, and the event-loop delay since the previous call. */
  sample(): ResourceSample {
    const usage = process.resourceUsage();
    const memory = process.memoryUsage();
    const delayNs = this.#loopDelay.percentile(99);
    this.#loopDelay.reset();
    return {
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      peakRssBytes: usage.maxRSS * 1024,
      cpuNs: (usage.userCPUTime + usage.systemCPUTime) * 1000,
      // The percentile is NaN if the loop has not turned since the last reset.
      eventLoopDelayP99Ns: Number.isFinite(delayNs) ? delayNs : 0,
    };
  }

  close(): void {
    this.#loopDelay.disable();
  }
}
