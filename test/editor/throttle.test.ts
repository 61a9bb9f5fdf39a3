import { strict as assert } from 'node:assert';
import { Beat, type Timing } from '../../src/editor/throttle.ts';

describe('beat', () => {
  it('strikes at once the first time, then at most once in each interval, and never leaves out the last', () => {
    const { timing, pass } = clock();
    const struck: number[] = [];
    const beat = new Beat(
      () => 1000,
      () => struck.push(timing.now()),
      timing,
    );
    for (let asked = 0; asked < 25; asked++) {
      beat.ask();
      pass(100);
    }
    pass(5000);
    assert.deepEqual(struck, [0, 1000, 2000, 3000]);
  });

  it('reads the interval anew each time', () => {
    const { timing, pass } = clock();
    let interval = 1000;
    let struck = 0;
    const beat = new Beat(
      () => interval,
      () => struck++,
      timing,
    );
    beat.ask();
    interval = 200;
    pass(300);
    beat.ask();
    assert.equal(struck, 2);
  });

  it('does not strike after its end', () => {
    const { timing, pass } = clock();
    let struck = 0;
    const beat = new Beat(
      () => 1000,
      () => struck++,
      timing,
    );
    beat.ask();
    beat.ask();
    beat.dispose();
    pass(5000);
    assert.equal(struck, 1);
  });
});

/** A clock that goes only when told to. */
function clock(): { readonly timing: Timing; pass(ms: number): void } {
  let nowMs = 0;
  const due = new Map<object, { readonly atMs: number; readonly act: () => void }>();
  return {
    timing: {
      now: () => nowMs,
      after: (ms, act) => {
        const timer = { cancel: () => void due.delete(timer) };
        due.set(timer, { atMs: nowMs + ms, act });
        return timer;
      },
    },
    pass(ms) {
      const endMs = nowMs + ms;
      for (const [timer, { atMs, act }] of [...due].sort(([, a], [, b]) => a.atMs - b.atMs)) {
        if (atMs > endMs || !due.delete(timer)) continue;
        nowMs = atMs;
        act();
      }
      nowMs = endMs;
    },
  };
}
