/** Self times of synchronous calls: their durations without the measured calls inside and without waiting. */
import { CpuClock } from '../exact/counting/cpu-clock.ts';

/** A synchronous call in progress. */
export interface SyncCall {
  readonly startNs: number;
  /** CPU time of the thread at its start. */
  readonly startCpuNs: number;
  /** Time of the measured calls that its caller had made before it, and the part in which the thread waited. */
  readonly callerChildrenNs: number;
  readonly callerWaitedNs: number;
}

export class SelfTimer {
  readonly #cpu = new CpuClock();
  /** Time spent in measured calls inside the current call, and the part of it in which the thread waited. */
  #childrenNs = 0;
  #waitedNs = 0;

  begin(startNs: number): SyncCall {
    const call = {
      startNs,
      startCpuNs: this.#cpu.at(startNs / 1e6),
      callerChildrenNs: this.#childrenNs,
      callerWaitedNs: this.#waitedNs,
    };
    this.#childrenNs = 0;
    this.#waitedNs = 0;
    return call;
  }

  /** Ends a call and returns its self time. */
  end(call: SyncCall, endNs: number): number {
    const durationNs = endNs - call.startNs;
    const waitedNs = this.#cpu.waitedNs(endNs / 1e6, durationNs, call.startCpuNs);
    const ownWaitedNs = Math.max(0, waitedNs - this.#waitedNs);
    const selfNs = Math.max(0, durationNs - this.#childrenNs - ownWaitedNs);
    this.#childrenNs = call.callerChildrenNs + durationNs;
    this.#waitedNs = call.callerWaitedNs + waitedNs;
    return selfNs;
  }

  /** Leaves a call that continues asynchronously. Its first part counts for its caller. */
  leave({ callerChildrenNs, callerWaitedNs }: SyncCall): void {
    this.#childrenNs = callerChildrenNs;
    this.#waitedNs = callerWaitedNs;
  }
}
