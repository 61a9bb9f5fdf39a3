import type { ProbeConfig } from '../../../protocol/control.ts';

/** Cost of a sample until the first were measured. */
const expectedCostMs = 0.08;
/** Longest interval that still gives useful stacks. */
const maxIntervalNs = 100e6;
/** Weight of a sample in the mean cost of samples. */
const weight = 0.05;

/** Keeps what interrupts take from the program's threads within their budget, by the time between them. */
export class InterruptBudget {
  #config: ProbeConfig;
  #meanCostMs = expectedCostMs;

  constructor(config: ProbeConfig) {
    this.#config = config;
  }

  /** Mean time between two samples of a thread. An interval that a user has asked for is used as it is. */
  get intervalNs(): number {
    const { samplingNs, hasFixedInterval, budgetRatio } = this.#config;
    if (samplingNs === 0 || hasFixedInterval) return samplingNs;
    return Math.min(maxIntervalNs, Math.max(samplingNs, (this.#meanCostMs * 1e6) / budgetRatio));
  }

  /** Share of a thread's time that measuring may take. */
  get budgetRatio(): number {
    return this.#config.budgetRatio;
  }

  configure(config: ProbeConfig): void {
    this.#config = config;
  }

  /** Adds the time that a sample took from its thread. */
  addSample(costMs: number): void {
    this.#meanCostMs += weight * (costMs - this.#meanCostMs);
  }
}
