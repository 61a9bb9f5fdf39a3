/** Checks that the sampling interval fits the budget at the start, and is lengthened if the measured cost is higher. */
import { strict as assert } from 'node:assert';
import { SamplingBudget } from '../../../src/probe/sampling/sampling-budget.ts';
import { createProgramFolder, runProfiled } from '../profiled-program.ts';

function startInterval(samplingNs: number, budgetRatio: number): number {
  return new SamplingBudget({ samplingNs, budgetRatio, exact: [], workspace: '' }).intervalNs;
}

describe('SamplingBudget', function () {
  this.timeout(30_000);

  it('starts with the configured interval if it fits the budget, otherwise with a longer one', () => {
    assert.equal(startInterval(1e6, 0.5), 1e6);
    assert.equal(startInterval(1e6, 0.01), 4e6);
    assert.equal(startInterval(1e6, 1e-9), 20e6);
    assert.equal(startInterval(50e6, 1e-9), 50e6);
    assert.equal(startInterval(0, 0.01), 0);
  });

  it('uses an interval that the user has asked for, whatever it costs', () => {
    for (const samplingNs of [0.25e6, 1e6, 10e6, 1000e6]) {
      const config = { samplingNs, hasFixedInterval: true, budgetRatio: 1e-9, exact: [], workspace: '' };
      assert.equal(new SamplingBudget(config).intervalNs, samplingNs);
    }
  });

  it('lengthens the interval and reports it if sampling the program costs more than expected', async () => {
    // Deep stacks that keep changing, so that each profile is a large tree.
    const cwd = createProgramFolder({
      'deep.cjs': `const fs = Array.from({ length: 300 }, (_, i) => new Function('fs', 'n', 'r', 'let x = 0; for (let i = 0; i < 300; i++) x += i; return n === 0 ? x : fs[r() % 300](fs, n - 1, r) + ' + i));
let seed = 1; const r = () => (seed = (seed * 48271) % 2147483647);
const until = performance.now() + 5000; while (performance.now() < until) fs[r() % 300](fs, 300, r);
`,
    });
    const { status, batches } = await runProfiled(['deep.cjs'], {
      cwd,
      config: { hasFineSampling: true, budgetRatio: 0.03 },
    });
    assert.equal(status, 0);
    const intervals = batches.flatMap(({ samplingNs }) => samplingNs ?? []);
    assert.equal(intervals[0], 1e6);
    assert.ok((intervals.at(-1) ?? 0) > 1e6, `${intervals}`);
    assert.ok((batches.at(-1)?.cost.flushNs ?? 0) > 0);
  });
});
