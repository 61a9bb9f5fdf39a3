import { strict as assert } from 'node:assert';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { SourceTotals } from '../../../src/protocol/batch/source-totals.ts';

function batch(changes: Partial<Batch>): Batch {
  return { v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 }, ...changes };
}

function resources(eventLoopDelayP99Ns: number): Pick<Batch, 'resources'> {
  return { resources: { rssBytes: 1, heapBytes: 1, peakRssBytes: 1, cpuNs: 1, eventLoopDelayP99Ns } };
}

describe('SourceTotals', () => {
  it('keeps the longest delay of the event loop of all batches that are merged', () => {
    const totals = new SourceTotals();
    totals.add(batch({ loopDelayNs: 200e6, ...resources(200e6) }));
    totals.add(batch({ loopDelayNs: 3e6, ...resources(3e6) }));
    totals.add(batch({}));
    const merged = totals.toBatch();
    assert.deepEqual([merged?.loopDelayNs, merged?.resources?.eventLoopDelayP99Ns], [200e6, 200e6]);
  });

  it('reports no delay if no batch has one', () => {
    const totals = new SourceTotals();
    totals.add(batch({}));
    assert.deepEqual(Object.keys(totals.toBatch() ?? {}).includes('loopDelayNs'), false);
  });
});
