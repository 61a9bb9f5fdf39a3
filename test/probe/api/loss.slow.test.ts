/** Checks that a program that is killed loses at most one report. */
import { strict as assert } from 'node:assert';
import { gapsBetween, type Moment, runCountingProgram } from './counting-program.ts';

describe('the probe in a program that is killed', function () {
  this.timeout(180_000);

  it('loses at most one report of each of twenty programs that are killed at full speed', async () => {
    for (let round = 0; round < 20; round++) {
      const killAfterMs = 400 + ((round * 137) % 600);
      const { result, truth, count } = await runCountingProgram(60_000, (child) => {
        // A busy machine may take long to start the program.
        child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), killAfterMs));
      });
      assert.equal(result.signal, 'SIGKILL');
      const last = truth.at(-1) as Moment;
      // The program writes every 5 ms, so it may have counted for several such steps before it was killed.
      const callsPerMs = last.calls / (last.wallMs - (truth[0] as Moment).wallMs);
      assert.ok(
        last.calls > 100_000 && count > 0 && count <= last.calls + 50 * callsPerMs,
        `${count} of ${last.calls}`,
      );
      const reportedUntilMs = truth.find(({ calls }) => calls >= count)?.wallMs ?? last.wallMs;
      // A busy machine delays reports, so the longest gap of this very run is the limit.
      const gaps = gapsBetween(result);
      const maxGapMs = Math.max(250, ...gaps);
      const lostMs = last.wallMs - reportedUntilMs;
      assert.ok(
        lostMs <= 1.5 * maxGapMs,
        `round ${round}: ${lostMs} ms lost, gaps between reports: ${gaps.map(Math.round).join(' ')}`,
      );
    }
  });
});
