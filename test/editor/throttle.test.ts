import { strict as assert } from 'node:assert';
import { Throttle, type Timing } from '../../src/editor/throttle.ts';

describe('Throttle', () => {
  it('runs the first request at once, then at most one per interval, and never drops the last', () => {
    const { timing, advance } = createClock();
    const runs: number[] = [];
    const throttle = new Throttle(
      () => 1000,
      () => runs.push(timing.now()),
      timing,
    );
    for (let request = 0; request < 25; request++) {
      throttle.request();
      advance(100);
    }
    advance(5000);
    assert.deepEqual(runs, [0, 1000, 2000, 3000]);
  });

  it('reads the interval before each run', () => {
    const { timing, advance } = createClock();
    let intervalMs = 1000;
    let runs = 0;
    const throttle = new Throttle(
      () => intervalMs,
      () => runs++,
      timing,
    );
    throttle.request();
    intervalMs = 200;
    advance(300);
    throttle.request();
    assert.equal(runs, 2);
  });

  it('does not run after it was disposed', () => {
    const { timing, advance } = createClock();
    let runs = 0;
    const throttle = new Throttle(
      () => 1000,
      () => runs++,
      timing,
    );
    throttle.request();
    throttle.request();
    throttle.dispose();
    advance(5000);
    assert.equal(runs, 1);
  });
});

/** Creates a clock that moves only when it is advanced. */
function createClock(): { readonly timing: Timing; advance(ms: number): void } {
  let nowMs = 0;
  const timers = new Map<object, { readonly dueMs: number; readonly action: () => void }>();
  return {
    timing: {
      now: () => nowMs,
      after: (ms, action) => {
        const timer = { cancel: () => void timers.delete(timer) };
        timers.set(timer, { dueMs: nowMs + ms, action });
        return timer;
      },
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (const [timer, { dueMs, action }] of [...timers].sort(([, a], [, b]) => a.dueMs - b.dueMs)) {
        if (dueMs > endMs || !timers.delete(timer)) continue;
        nowMs = dueMs;
        action();
      }
      nowMs = endMs;
    },
  };
}
