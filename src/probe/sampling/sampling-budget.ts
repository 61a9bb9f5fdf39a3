import type { ProbeConfig } from '../../protocol/control.ts';
import { threadBusyMs } from '../clocks/thread-busy-time.ts';

/** Time that one sample takes from the profiled thread. Measured: 9 to 13 µs in programs with stacks of usual depth. */
const sampleMs = 0.012;
/** Time that the sampler thread takes to fold and send one sample, in the same programs. */
const foldMs = 0.03;
/** Longest interval that still gives useful profiles. */
const maxIntervalNs = 20e6;
/** Time between two checks of the budget. */
const windowMs = 1500;
/** Cost of changing the interval, which restarts V8's profiler. Measured: 100 to 250 ms. */
const intervalChangeMs = 200;

/** Keeps the cost of sampling within its budget: measures it, and lengthens the interval if it is too high. */
export class SamplingBudget {
  #intervalNs: number;
  #budgetRatio: number;
  /** True if a user has asked for this interval, so that it is not lengthened. */
  #isFixed: boolean;
  #windowStartMs = performance.now();
  /** Time taken from the program's threads in this window. */
  #threadMs = 0;
  /** CPU time of the sampler thread at the start of this window. */
  #samplerStartMs = threadBusyMs();
  /** Time over budget since the last change of the interval. */
  #overspentMs = 0;

  constructor(config: ProbeConfig) {
    this.#intervalNs = firstIntervalNs(config);
    this.#budgetRatio = config.budgetRatio;
    this.#isFixed = config.hasFixedInterval === true;
  }

  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** Share of the program's time that profiling may take. */
  get budgetRatio(): number {
    return this.#budgetRatio;
  }

  configure(config: ProbeConfig): void {
    this.#intervalNs = firstIntervalNs(config);
    this.#budgetRatio = config.budgetRatio;
    this.#isFixed = config.hasFixedInterval === true;
  }

  /** Adds the time that a thread was busy switching profiles. */
  addRotation(ms: number): void {
    this.#threadMs += ms;
  }

  /** Adds samples, and returns the time that they have taken from their threads. */
  addSamples(count: number): number {
    this.#threadMs += count * sampleMs;
    return count * sampleMs;
  }

  /**
   * Lengthens the interval as far as the budget requires. Waits until more was overspent than a change costs. Returns true
   * if the interval has changed.
   */
  lengthenIfOverBudget(): boolean {
    const elapsedMs = performance.now() - this.#windowStartMs;
    if (elapsedMs < windowMs) return false;
    const samplerMs = threadBusyMs();
    const spentMs = this.#threadMs + samplerMs - this.#samplerStartMs;
    this.#overspentMs = Math.max(0, this.#overspentMs + spentMs - this.#budgetRatio * elapsedMs);
    this.#threadMs = 0;
    this.#samplerStartMs = samplerMs;
    this.#windowStartMs = performance.now();
    const excess = spentMs / elapsedMs / this.#budgetRatio;
    if (this.#isFixed || this.#intervalNs === 0 || this.#intervalNs >= maxIntervalNs) return false;
    if (this.#overspentMs < intervalChangeMs || excess <= 1) return false;
    this.#overspentMs = 0;
    this.#intervalNs = lengthenedNs(this.#intervalNs, Math.max(1, doublingsFor(excess)));
    return true;
  }
}

/**
 * Returns the configured interval, or a longer one if its estimated cost exceeds the budget and it is not fixed. A later
 * change is costly.
 */
function firstIntervalNs({ samplingNs, hasFixedInterval, budgetRatio }: ProbeConfig): number {
  if (samplingNs === 0 || hasFixedInterval) return samplingNs;
  return lengthenedNs(samplingNs, Math.max(0, doublingsFor((sampleMs + foldMs) / (samplingNs / 1e6) / budgetRatio)));
}

function doublingsFor(excess: number): number {
  return Math.round(Math.log2(excess));
}

function lengthenedNs(intervalNs: number, doublings: number): number {
  return Math.max(intervalNs, Math.min(maxIntervalNs, intervalNs * 2 ** doublings));
}
