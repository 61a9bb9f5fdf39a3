/** Checks that a host that stalls neither loses calls nor slows the program down. */
import { strict as assert } from 'node:assert';
import { gapsBetween, type Moment, runCountingProgram } from './counting-program.ts';

describe('the probe while the host stalls', function () {
  this.timeout(180_000);

  it('loses no calls and does not slow the program down while the host stalls for three seconds', async () => {
    let stallStartMs = 0;
    const { result, truth, count } = await runCountingProgram(7000, () => {
      setTimeout(() => {
        stallStartMs = Date.now();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
      }, 2500);
    });
    assert.equal(result.status, 0);
    assert.equal(count, truth.at(-1)?.calls);
    const callsPerMs = (fromMs: number, toMs: number): number => {
      const inside = truth.filter(({ wallMs }) => wallMs >= fromMs && wallMs < toMs);
      const [first, last] = [inside[0] as Moment, inside.at(-1) as Moment];
      return (last.calls - first.calls) / (last.wallMs - first.wallMs);
    };
    // The host has really stalled: no batch arrived during that time.
    const gaps = gapsBetween(result);
    assert.ok(Math.max(...gaps) > 2500, gaps.join(' '));
    const startMs = (truth[0] as Moment).wallMs;
    const before = callsPerMs(startMs + 1000, stallStartMs);
    const during = callsPerMs(stallStartMs + 100, stallStartMs + 2900);
    assert.ok(during / before > 0.6, `${during} calls per millisecond during the stall, ${before} before`);
  });
});
