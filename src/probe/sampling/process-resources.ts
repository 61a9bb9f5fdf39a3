import type { ResourceSample } from '../../protocol/batch/batch.ts';
import type { FinalStats, ThreadStats } from '../preload/thread-stats.ts';
import type { Inspector } from './thread-profiler.ts';

const minIntervalMs = 450;

/** Resource use of the process, together with what its threads report about themselves. */
export class ProcessResources {
  readonly #mainThread: Inspector;
  /** CPU time of an attached program before it was attached. */
  readonly #earlierCpuNs: number;
  #sampledAtMs = Number.NEGATIVE_INFINITY;
  /** Event-loop delay that the main thread has reported last. Its batches carry all of them. */
  #loopDelayNs = 0;
  #heapBytes = 0;
  #gcNs = 0;
  /** False in versions of Node that do not report the time of the garbage collector. */
  #reportsGc = false;

  constructor(mainThread: Inspector, { isAttached }: { readonly isAttached: boolean }) {
    this.#mainThread = mainThread;
    this.#earlierCpuNs = isAttached ? processCpuNs() : 0;
  }

  get isDue(): boolean {
    return performance.now() - this.#sampledAtMs >= minIntervalMs;
  }

  addStats(threadId: number, { loopDelayNs, gcNs }: ThreadStats): void {
    if (threadId === 0) this.#loopDelayNs = loopDelayNs;
    this.#gcNs += gcNs ?? 0;
    this.#reportsGc ||= gcNs !== undefined;
  }

  /** @param final data that the main thread has posted at its end, because it may not answer any more */
  async sample(final?: FinalStats): Promise<ResourceSample> {
    this.#sampledAtMs = performance.now();
    this.#heapBytes = final?.heapBytes ?? (await this.#readHeapBytes()) ?? this.#heapBytes;
    const loopDelayNs = this.#loopDelayNs;
    this.#loopDelayNs = 0;
    return {
      rssBytes: process.memoryUsage.rss(),
      heapBytes: this.#heapBytes,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      cpuNs: processCpuNs() - this.#earlierCpuNs,
      eventLoopDelayP99Ns: loopDelayNs,
      ...(this.#reportsGc ? { gcNs: this.#gcNs } : {}),
    };
  }

  async #readHeapBytes(): Promise<number | undefined> {
    const heap = (await this.#mainThread.post('Runtime.getHeapUsage')) as { readonly usedSize?: number } | undefined;
    return heap?.usedSize;
  }
}

function processCpuNs(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) * 1000;
}
