/** Checks the measured cost of calls against a clock that only its own readings advance. */
import { strict as assert } from 'node:assert';
import type { CallCost } from '../../../../src/probe/exact/counting/call-cost.ts';

const moduleUrl = new URL('../../../../src/probe/exact/counting/call-cost.ts', import.meta.url);

/** Imports a fresh copy of the module, which has not measured yet, with a clock whose readings take a microsecond. */
async function measureWithClock(): Promise<{
  readonly costs: readonly CallCost[];
  readonly readings: readonly number[];
}> {
  const { measureCallCost } = (await import(`${moduleUrl}?planted-clock`)) as {
    measureCallCost: () => CallCost;
  };
  const original = performance.now;
  let readings = 0;
  performance.now = () => ++readings / 1000;
  try {
    const results = [1, 2].map(() => ({ cost: measureCallCost(), readings }));
    return { costs: results.map(({ cost }) => cost), readings: results.map((result) => result.readings) };
  } finally {
    performance.now = original;
  }
}

describe('measureCallCost', () => {
  it('returns what timing and counting add to a call, and measures only once', async () => {
    const { costs, readings } = await measureWithClock();
    const [cost, again] = costs;
    assert.ok(cost);
    // A timed call reads the clock at its start and at its end; a counted call never does, like one that is neither.
    assert.ok(Math.abs(cost.timedNs - 2000) < 1, `timed: ${cost.timedNs} ns`);
    assert.equal(cost.countedNs, 0);
    assert.equal(again, cost);
    assert.equal(readings[1], readings[0]);
  });
});
