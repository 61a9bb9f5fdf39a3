import type { ResourceSample } from '../../protocol/batch/batch.ts';
import { LoopDelayMonitor } from './loop-delay-monitor.ts';

/** Samples memory and CPU time of the process, and the event-loop delay of this thread. */
export class ResourceMonitor {
  readonly #loopDelay = new LoopDelayMonitor();

  /** Returns cumulative usage, and the longest event-loop delay since the previous call. */
  sample(): ResourceSample {
    const usage = process.resourceUsage();
    const memory = process.memoryUsage();
    return {
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      peakRssBytes: usage.maxRSS * 1024,
      cpuNs: (usage.userCPUTime + usage.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: this.#loopDelay.drainNs(),
    };
  }

  close(): void {
    this.#loopDelay.close();
  }
}
