/** Sums over the running processes of a run, as their probes report them. */
import type { ResourceSample } from '../../../protocol/batch/batch.ts';
import { finite } from '../../../protocol/batch/operation-delta.ts';

interface ProcessUse {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Share of time in the garbage collector between the last two samples. */
  readonly gcRatio: number | undefined;
}

const unused: ProcessUse = { rssBytes: 0, heapBytes: 0, gcRatio: undefined };

export class RunningProcesses {
  readonly #useByPid = new Map<number, ProcessUse>();
  #sum = unused;
  #peakRssBytes = 0;

  /** Sum over all processes that run. After the end of the last one, its last values. */
  get sum(): ProcessUse {
    return this.#sum;
  }

  /**
   * Highest memory that all processes are known to have had at the same time. The peaks of two processes are not added,
   * because they may have been at different times.
   */
  get peakRssBytes(): number {
    return this.#peakRssBytes;
  }

  set(pid: number, { rssBytes, heapBytes, peakRssBytes }: ResourceSample, gcRatio: number | undefined): void {
    this.#useByPid.set(pid, { rssBytes, heapBytes, gcRatio });
    this.#sumUp();
    this.#peakRssBytes = Math.max(this.#peakRssBytes, peakRssBytes, this.#sum.rssBytes);
  }

  end(pid: number): void {
    if (this.#useByPid.delete(pid) && this.#useByPid.size > 0) this.#sumUp();
  }

  #sumUp(): void {
    this.#sum = [...this.#useByPid.values()].reduce((sum, { rssBytes, heapBytes, gcRatio }) => {
      return {
        rssBytes: finite(sum.rssBytes + rssBytes),
        heapBytes: finite(sum.heapBytes + heapBytes),
        gcRatio: gcRatio === undefined ? sum.gcRatio : finite((sum.gcRatio ?? 0) + gcRatio),
      };
    }, unused);
  }
}
