/** Checks the overhead of a clock whose readings take a known time. */
import { strict as assert } from 'node:assert';
import { clockOverheadNs } from '../../../../src/probe/exact/counting/clock-overhead.ts';

describe('clockOverheadNs', () => {
  it('returns the shortest time between two readings in nanoseconds', () => {
    let [nowMs, readings] = [1000, 0];
    const clock = (): number => {
      // Every 50th reading is fast, and the others are slowed down by other programs.
      nowMs += readings++ % 50 === 49 ? 0.0004 : 0.003;
      return nowMs;
    };
    assert.equal(Math.round(clockOverheadNs(clock)), 400);
    assert.ok(readings >= 1000);
  });
});
