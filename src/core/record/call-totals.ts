/** Counters and durations of calls: of one operation, or of all operations of a component. */
import type { OperationDelta } from '../../protocol/batch/batch.ts';
import { addDelta, OperationSum } from '../../protocol/batch/operation-delta.ts';
import { Histogram } from './histogram.ts';
import type { RecorderBudgets } from './recorder-budgets.ts';

export class CallTotals extends OperationSum {
  protected readonly histogram: Histogram;
  readonly #budgets: RecorderBudgets;

  constructor(budgets: RecorderBudgets) {
    super();
    this.#budgets = budgets;
    this.histogram = new Histogram(budgets.buckets);
  }

  /** Returns the number of calls whose durations could not be kept. */
  protected addCalls(delta: OperationDelta): number {
    addDelta(this, delta, this.#budgets.errorTypes);
    return this.histogram.add(delta.buckets);
  }

  /** Returns p50, p95 and p99 of the timed calls in nanoseconds, or undefined if no call was timed. */
  percentiles(): readonly [number, number, number] | undefined {
    if (this.histogram.count === 0) return undefined;
    const [p50 = 0, p95 = 0, p99 = 0] = this.histogram.valuesAt([50, 95, 99]);
    return [this.#clamp(p50), this.#clamp(p95), this.#clamp(p99)];
  }

  /** Limits a percentile to the range of the calls, because a bucket is wider than they may be. */
  #clamp(valueNs: number): number {
    if (!Number.isFinite(this.minNs)) return valueNs;
    return Math.max(this.minNs, Math.min(valueNs, this.maxNs));
  }
}
