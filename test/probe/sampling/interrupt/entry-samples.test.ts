/** Works out whose time a stack stands for that was captured when its innermost function was entered. */
import { strict as assert } from 'node:assert';
import { sharesOfStack } from '../../../../src/probe/sampling/interrupt/entry-samples.ts';
import type { SampledFrame } from '../../../../src/probe/sampling/interrupt/interrupt-sampler.ts';

/** Function at line 8; `column` is one-based, and 0 if the function does not stand in its first line. */
function frame(functionName: string, column: number, url = '/a.js'): SampledFrame {
  const line = column === 0 ? 9 : 8;
  return { functionName, url, lineNumber: 7, columnNumber: 0, line, column: Math.max(1, column) };
}

const builtIn = (functionName: string): SampledFrame => ({ ...frame(functionName, 1, ''), lineNumber: -1, line: 0 });
const rank = frame('rank', 0);
const own = [{ skipped: 0, share: 1 }];
const callers = [{ skipped: 1, share: 1 }];
const halves = [
  { skipped: 0, share: 0.5 },
  { skipped: 1, share: 0.5 },
];

describe('sharesOfStack', () => {
  it('gives half of the time at the entry of a comparator to the sort', () => {
    // `(a, b) => …`, `function order(a, b)`, a method, and the same below a class.
    const entries = [frame('order', 1), frame('order', 15), frame('order', 6), frame('Parcel.order', 6)];
    for (const entry of entries) {
      assert.deepEqual(sharesOfStack([entry, builtIn('sort'), rank], 0), halves, `${entry.column}`);
      assert.deepEqual(sharesOfStack([entry, builtIn('toSorted'), rank], 0), halves);
      // V8 inlines the other methods, and their own time is short.
      assert.deepEqual(sharesOfStack([entry, builtIn('map'), rank], 0), own);
      assert.deepEqual(sharesOfStack([entry, rank], 0), own);
    }
  });

  it('gives the time of a comparator in a loop to the comparator', () => {
    assert.deepEqual(sharesOfStack([frame('order', 0), builtIn('sort'), rank], 0), own);
    assert.deepEqual(sharesOfStack([frame('order', 40), builtIn('sort'), rank], 0), own);
  });

  it('gives the time of a long built-in function before a call to the caller', () => {
    assert.deepEqual(sharesOfStack([frame('use', 13), rank], 5e6), callers);
    assert.deepEqual(sharesOfStack([frame('use', 13), rank], 0.2e6), own);
    assert.deepEqual(sharesOfStack([frame('use', 0), rank], 5e6), own);
  });

  it('leaves a stack as it is that has no caller or no function', () => {
    assert.deepEqual(sharesOfStack([frame('use', 1)], 5e6), own);
    assert.deepEqual(sharesOfStack([], 5e6), own);
  });
});
