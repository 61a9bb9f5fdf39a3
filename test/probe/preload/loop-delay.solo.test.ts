/** Profiles programs that block their event loops for known times. */
import { strict as assert } from 'node:assert';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createProgramFolder, type ProfiledResult, runProfiled } from '../profiled-program.ts';

/** Time between two reports. */
const reportIntervalMs = 250;

const block = 'const block = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };\n';

const cwd = createProgramFolder({
  'idle.cjs': 'setTimeout(() => undefined, 1500);',
  'blocks.cjs': `${block}let count = 0;
const timer = setInterval(() => { block(count % 2 ? 200 : 700); if (++count === 4) clearInterval(timer); }, 900);`,
  'last.cjs': `${block}setTimeout(() => block(400), 120);`,
  'exit.mjs': `${block}setTimeout(() => { block(400); process.exit(3); }, 120);`,
  'worker.cjs': `const { Worker, isMainThread } = require('node:worker_threads');
${block}if (isMainThread) new Worker(__filename); else setTimeout(() => { block(300); setTimeout(() => undefined, 100); }, 200);`,
});

/**
 * Returns the delays of a thread in milliseconds, of at least `minMs`. A delay that lasts is reported several times, and
 * each time with a longer one; only its last report counts.
 */
function delaysOf({ batches }: ProfiledResult, minMs: number, isMain = true): number[] {
  const reports = batches
    .filter(({ source }) => source.endsWith('.0') === isMain)
    .flatMap(({ atNs, loopDelayNs = 0 }) => (loopDelayNs > 0 ? [{ atMs: atNs / 1e6, ms: loopDelayNs / 1e6 }] : []));
  const last = reports.filter(({ atMs, ms }, index) => {
    const next = reports[index + 1];
    return !next || next.ms <= ms || next.atMs - atMs > 1.3 * reportIntervalMs;
  });
  return last.flatMap(({ ms }) => (ms >= minMs ? [ms] : []));
}

function assertNear(delaysMs: readonly number[], blocksMs: readonly number[]): void {
  assert.equal(delaysMs.length, blocksMs.length, `${delaysMs}`);
  for (const [index, ms] of blocksMs.entries()) {
    const delayMs = delaysMs[index] ?? 0;
    assert.ok(delayMs > ms - 25 && delayMs < ms + 60, `${delaysMs} for ${blocksMs}`);
  }
}

describe('event-loop delay of a profiled program', function () {
  this.timeout(60_000);

  for (const [name, node] of [
    ['this version of Node', process.execPath],
    ['Node 18', nodeVersion(18)],
    ['Node 22', nodeVersion(22)],
  ] as const) {
    it(`shows every block with its length in ${name}`, async () => {
      const result = await runProfiled(['blocks.cjs'], { cwd, node });
      assertNear(delaysOf(result, 100), [700, 200, 700, 200]);
    });
  }

  it('is about zero while the loop has nothing to do', async () => {
    const result = await runProfiled(['idle.cjs'], { cwd });
    const sampled = result.batches.flatMap(({ resources }) => resources?.eventLoopDelayP99Ns ?? []);
    assert.ok(sampled.length >= 2);
    const median = sampled.toSorted((a, b) => a - b)[Math.floor(sampled.length / 2)] ?? Number.NaN;
    assert.ok(median < 15e6, `${sampled}`);
  });

  for (const program of ['last.cjs', 'exit.mjs']) {
    it(`is reported if the program ends in the block: ${program}`, async () => {
      assertNear(delaysOf(await runProfiled([program], { cwd }), 350), [400]);
    });
  }

  it('is that of a worker thread, whose main thread has none', async () => {
    const result = await runProfiled(['worker.cjs'], { cwd });
    assertNear(delaysOf(result, 250, false), [300]);
    assert.deepEqual(delaysOf(result, 250), []);
  });
});
