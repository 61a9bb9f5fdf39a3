/**
 * Ten thousand active operations from fifty sources: for a minute the host stays below a fifth of a core and loses
 * no call; after a pause of ten minutes it resumes at once.
 */
import { strict as assert } from 'node:assert';
import { measureOperations } from '../bench/operations.ts';

const maxCpuPercent = 20;
const maxResumeMs = 200;

describe('a run with 10,000 active operations', function () {
  this.timeout(20 * 60_000);

  for (const survivesHost of [false, true]) {
    it(`costs little ${survivesHost ? 'through a keeper' : 'directly'} and loses no call`, async () => {
      const { hostPercent, keeperPercent, lostCalls } = await measureOperations({
        survivesHost,
        watchedSeconds: 60,
        pausedSeconds: 0,
      });
      assert.equal(lostCalls, 0);
      assert.ok(hostPercent <= maxCpuPercent, `host ${hostPercent.toFixed(1)} %`);
      assert.ok((keeperPercent ?? 0) <= maxCpuPercent, `keeper ${keeperPercent?.toFixed(1)} %`);
    });
  }

  it('resumes within 200 ms after a pause of ten minutes', async () => {
    const { resumeMs, lostCalls } = await measureOperations({
      survivesHost: false,
      watchedSeconds: 5,
      pausedSeconds: 600,
    });
    assert.equal(lostCalls, 0);
    assert.ok(resumeMs <= maxResumeMs, `${resumeMs.toFixed(0)} ms`);
  });
});
