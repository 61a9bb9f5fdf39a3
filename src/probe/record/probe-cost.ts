/** What a probe's own process uses, and what recording one call costs in it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ResourceSample } from '../../protocol/event.ts';
import { Operation } from './operation.ts';

/** Nanoseconds since this thread's clock started. */
export function nowNs(): number {
  return performance.now() * 1e6;
}

/** What one timed call costs here: the fastest of eight rounds, so that what else the machine does is not counted. */
export function calibrate(): number {
  const operation = new Operation({ id: 0, component: 'probe', name: 'calibration', kind: 'function' });
  const calls = 2000;
  let fastestNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const startNs = nowNs();
    for (let call = 0; call < calls; call++) {
      const callNs = nowNs();
      operation.record(nowNs() - callNs);
    }
    fastestNs = Math.min(fastestNs, (nowNs() - startNs) / calls);
  }
  return fastestNs;
}

/** Looks at the process's memory and processor time and at this thread's event loop. */
export class Gauge {
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#loopDelay.enable();
  }

  /** Use so far; the event loop's delay since the last look. */
  sample(): ResourceSample {
    const use = process.resourceUsage();
    const memory = process.memoryUsage();
    const delayNs = this.#loopDelay.percentile(99);
    this.#loopDelay.reset();
    return {
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      peakRssBytes: use.maxRSS * 1024,
      cpuNs: (use.userCPUTime + use.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: Number.isFinite(delayNs) ? delayNs : 0,
    };
  }

  close(): void {
    this.#loopDelay.disable();
  }
}
