/** Keeps what sampling costs within its budget: measures it, and lengthens the interval when it is too much. */
import type { Wishes } from '../../protocol/control.ts';

/** Time that one look takes from the thread that is looked at: measured as 9 to 13 µs on programs of usual depth. */
const lookMs = 0.012;
/** Time that the sampler takes to fold and send one look, on the same programs. */
const foldMs = 0.03;
/** The interval that still tells something. */
const longestNs = 20e6;
/** Time between two judgements. */
const windowMs = 1500;
/** What a change of the interval costs the thread, since the profiler starts anew: measured as 100 to 250 ms. */
const changeMs = 200;

export class Expense {
  #intervalNs: number;
  #budgetRatio: number;
  #sinceMs = performance.now();
  #spentMs = 0;
  #ownMs = busyMs();
  #allMs = 0;
  /** What was spent beyond the budget since the interval was last changed. */
  #overspentMs = 0;

  constructor(wishes: Wishes) {
    this.#intervalNs = affordable(wishes);
    this.#budgetRatio = wishes.budgetRatio;
  }

  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** Share of the program's time that measuring may take. */
  get budgetRatio(): number {
    return this.#budgetRatio;
  }

  wish(wishes: Wishes): void {
    this.#intervalNs = affordable(wishes);
    this.#budgetRatio = wishes.budgetRatio;
  }

  /** A thread has changed its recording in this time, in which it did nothing else. */
  spent(ms: number): void {
    this.#spentMs += ms;
  }

  /** A program has waited at its start: a cost to be told, that no longer interval would have saved. */
  began(ms: number): void {
    this.#allMs += ms;
  }

  /** A thread was looked at so many times. */
  looked(times: number): void {
    this.#spentMs += times * lookMs;
  }

  /** Since the start; told by the main thread, so that it is counted once. */
  flushNs(threadId: number): number {
    return threadId === 0 ? (this.#allMs + this.#spentMs) * 1e6 : 0;
  }

  /** Whether the interval has just been lengthened: once more than a change costs was overspent, and as far as needed. */
  isTooMuch(): boolean {
    const elapsedMs = performance.now() - this.#sinceMs;
    if (elapsedMs < windowMs) return false;
    const ownMs = busyMs();
    const spentMs = this.#spentMs + ownMs - this.#ownMs;
    this.#allMs += spentMs;
    this.#overspentMs = Math.max(0, this.#overspentMs + spentMs - this.#budgetRatio * elapsedMs);
    this.#spentMs = 0;
    this.#ownMs = ownMs;
    this.#sinceMs = performance.now();
    const excess = spentMs / elapsedMs / this.#budgetRatio;
    if (this.#intervalNs === 0 || this.#intervalNs >= longestNs) return false;
    if (this.#overspentMs < changeMs || excess <= 1) return false;
    this.#overspentMs = 0;
    this.#intervalNs = lengthened(this.#intervalNs, Math.max(1, doublings(excess)));
    return true;
  }
}

/** The wished interval, or the one that the budget is likely to bear: a change later costs more than a modest start. */
function affordable({ samplingNs, budgetRatio }: Wishes): number {
  if (samplingNs === 0) return 0;
  return lengthened(samplingNs, Math.max(0, doublings((lookMs + foldMs) / (samplingNs / 1e6) / budgetRatio)));
}

function doublings(excess: number): number {
  return Math.round(Math.log2(excess));
}

function lengthened(intervalNs: number, times: number): number {
  return Math.max(intervalNs, Math.min(longestNs, intervalNs * 2 ** times));
}

/** Processor time of this thread, or where the runtime does not tell it, the time that its loop was active. */
function busyMs(): number {
  const use = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage?.();
  return use ? (use.user + use.system) / 1000 : performance.eventLoopUtilization().active;
}
