/** Counters and durations of calls: of one operation, or of all operations of a component. */
import type { OperationDelta } from '../../protocol/batch/batch.ts';
import { addDelta, OperationSum } from '../../protocol/batch/operation-delta.ts';
import { Histogram } from './histogram.ts';

export class CallTotals extends OperationSum {
  protected readonly histogram = new Histogram();

  protected addCalls(delta: OperationDelta): void {
    addDelta(this, delta);
    this.histogram.add(delta.buckets);
  }

  /** Returns p50, p95 and p99 of the timed calls in nanoseconds, or undefined if no call was timed. */
  percentiles(): readonly [number, number, number] | undefined {
    if (this.histogram.count === 0) return undefined;
    const [p50 = 0, p95 = 0, p99 = 0] = this.histogram.valuesAt([50, 95, 99]);
    return [p50, p95, p99];
  }
}
