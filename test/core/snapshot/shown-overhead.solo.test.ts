/** Compares the overhead that a snapshot shows with what the probe really costs: the CPU time of the same program without it. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { snapshotOfBatches } from '../../fixtures/duration-rules.ts';
import { createProgramFolder, runPlain, runProfiled } from '../../probe/profiled-program.ts';

const pairs = 9;

/** Loops that call a function so often that most calls are only counted, or as often as all can be timed. */
const programs: Readonly<Record<string, string>> = {
  'calls that are only counted': 'for (let i = 0; i < 60; i++) loop(1_000_000);',
  'calls that are timed': 'for (let i = 0; i < 12; i++) loop(1_000_000);',
};

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe('the overhead that is shown', function () {
  this.timeout(300_000);

  for (const [title, code] of Object.entries(programs)) {
    it(`is what the probe costs: ${title}`, async () => {
      const cwd = createProgramFolder({
        'program.cjs': `let sum = 0;
          function tiny(x) { sum = (sum + x) | 0; for (let i = 0; i < 8; i++) sum ^= i * x; return sum; }
          function loop(n) { for (let i = 0; i < n; i++) tiny(i); }
          ${code}
          const { user, system } = process.cpuUsage();
          console.log(user + system);`,
      });
      const isTimed = title === 'calls that are timed';
      const config = {
        exact: [{ file: join(cwd, 'program.cjs'), name: 'tiny' }],
        samplingNs: 0,
        budgetRatio: isTimed ? 1 : 0.02,
      };
      const [real, shown]: [number[], number[]] = [[], []];
      for (let pair = 0; pair < pairs; pair++) {
        const plainNs = Number(runPlain(['program.cjs'], { cwd }).stdout) * 1000;
        const profiled = await runProfiled(['program.cjs'], { cwd, config });
        const { overhead, operations } = snapshotOfBatches(profiled.batches, 60e9);
        assert.ok((operations.find(({ name }) => name === 'tiny')?.count ?? 0) >= 4_000_000);
        real.push(Number(profiled.stdout) * 1000 - plainNs);
        shown.push((overhead.callsNs ?? 0) + overhead.flushNs);
      }
      const ratio = medianOf(shown) / medianOf(real);
      const text = `shown ${shown.map((ns) => ns / 1e6)} ms, real ${real.map((ns) => ns / 1e6)} ms`;
      assert.ok(ratio > 0.5 && ratio < 2, `${ratio}: ${text}`);
    });
  }
});
