/** Holds sampling to its budget: an interval that is likely to fit at the start, longer ones where the cost is measured to be more. */
import { strict as assert } from 'node:assert';
import { Expense } from '../../../src/probe/sampling/sampling-budget.ts';
import type { Wishes } from '../../../src/protocol/control.ts';
import { folderOf, profiled } from '../zero.ts';

const wishes = (samplingNs: number, budgetRatio: number): Wishes => ({
  samplingNs,
  budgetRatio,
  exact: [],
  workspace: '',
});

describe('expense', function () {
  this.timeout(30_000);

  it('starts at the wished interval where the budget bears it, else at a longer one', () => {
    assert.equal(new Expense(wishes(1e6, 0.5)).intervalNs, 1e6);
    assert.equal(new Expense(wishes(1e6, 0.01)).intervalNs, 4e6);
    assert.equal(new Expense(wishes(1e6, 1e-9)).intervalNs, 20e6);
    assert.equal(new Expense(wishes(50e6, 1e-9)).intervalNs, 50e6);
    assert.equal(new Expense(wishes(0, 0.01)).intervalNs, 0);
  });

  it('lengthens the interval of a program whose sampling is measured to cost more, and says so', async () => {
    // Deep stacks of ever new shapes: each recording is a large tree.
    const cwd = folderOf({
      'deep.cjs': `const fs = Array.from({ length: 300 }, (_, i) => new Function('fs', 'n', 'r', 'let x = 0; for (let i = 0; i < 300; i++) x += i; return n === 0 ? x : fs[r() % 300](fs, n - 1, r) + ' + i));
let seed = 1; const r = () => (seed = (seed * 48271) % 2147483647);
const until = performance.now() + 5000; while (performance.now() < until) fs[r() % 300](fs, 300, r);
`,
    });
    const seen = await profiled(['deep.cjs'], { cwd, wishes: { budgetRatio: 0.03 } });
    assert.equal(seen.status, 0);
    const intervals = seen.batches.flatMap(({ samplingNs }) => samplingNs ?? []);
    assert.equal(intervals[0], 1e6);
    assert.ok((intervals.at(-1) ?? 0) > 1e6, `${intervals}`);
    assert.ok((seen.batches.at(-1)?.cost.flushNs ?? 0) > 0);
  });
});
