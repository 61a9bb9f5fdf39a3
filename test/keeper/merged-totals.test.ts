import { strict as assert } from 'node:assert';
import { MergedTotals } from '../../src/keeper/merged-totals.ts';
import type { Batch, GaugeEvent } from '../../src/protocol/batch/batch.ts';
import { MemoryBudget } from '../../src/protocol/batch/memory-budget.ts';

function batch(changes: Partial<Batch>): Batch {
  return { v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 }, ...changes };
}

describe('MergedTotals', () => {
  it('adds gauges that keep the values of ended sources, and leaves out the others', () => {
    const totals = new MergedTotals(new MemoryBudget(1e6));
    const gauge = (name: string, value: number, rule?: GaugeEvent['rule']): GaugeEvent => {
      return { component: 'c', name, value, unit: 'bytes', ...(rule ? { rule } : {}) };
    };
    for (const value of [10, 20, 5]) {
      totals.add(batch({ gauges: [gauge('sent', value, 'total'), gauge('queue', value)] }));
    }
    assert.deepEqual(totals.batches()[0]?.gauges, [gauge('sent', 35, 'total')]);
  });
});
