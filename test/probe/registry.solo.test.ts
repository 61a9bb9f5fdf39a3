/** Profiles unchanged programs from the npm registry: their output must not change, and the profile must match Node's. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registryPrograms } from '../fixtures/registry.ts';
import { createProgramFolder, operationsIn, type ProgramResult, runPlain, runProfiled } from './profiled-program.ts';
import { assertSimilarShares, readCpuProfileShares, type SelfTimeShares, sharesByPlace } from './self-time-shares.ts';

const rounds = 2;
/**
 * Only the shares of fine sampling are compared: it is V8's profiler too, and sees inlined code as that does. The suite `truth` of
 * the benchmarks compares both with programs whose shares are known.
 */
const modes = { default: {}, fine: { hasFineSampling: true } };

/** Removes the process ID from Node's warnings: the only difference between two runs without the probe. */
function comparableResult({ status, stdout, stderr }: ProgramResult): readonly unknown[] {
  return [status, stdout, stderr.replaceAll(/\(node:\d+\)/g, '(node)')];
}

describe('programs from the registry', function () {
  this.timeout(180_000);
  for (const { name, prepare, parameters, exitCode, compared } of registryPrograms) {
    it(`${name} prints the same when it is profiled${compared ? ', with the shares of --cpu-prof' : ''}`, async () => {
      const cwd = createProgramFolder({});
      prepare(cwd);
      const plain = runPlain(parameters, { cwd });
      assert.equal(plain.status, exitCode, plain.stderr);
      assert.ok(plain.stdout.length + plain.stderr.length > 60, 'prints enough for a comparison');
      const expectedRuns: SelfTimeShares[] = [];
      const fineRuns: SelfTimeShares[] = [];
      // Runs take turns, so that changes of the machine's load affect all sides equally.
      for (let round = 0; round < (compared ? rounds : 1); round++) {
        for (const mode of ['default', 'fine'] as const) {
          const config = { workspace: '', budgetRatio: 1, samplingNs: 1e6, hasFixedInterval: true, ...modes[mode] };
          const profiled = await runProfiled(parameters, { cwd, config });
          assert.deepEqual(comparableResult(profiled), comparableResult(plain));
          assert.deepEqual(profiled.errors, []);
          assert.ok(profiled.batches.some(({ bye }) => bye !== undefined));
          const functions = operationsIn(profiled.batches).filter(({ file }) => file);
          assert.ok(functions.length > 0, 'the profile has no function');
          const times = functions.map(({ file, line, selfNs }) => [`${file}:${line}`, selfNs] as const);
          if (mode === 'fine') fineRuns.push(sharesByPlace(times));
        }
        if (!compared) continue;
        const options = ['--cpu-prof', '--cpu-prof-interval', '1000', '--cpu-prof-name', `profile${round}`];
        assert.equal(runPlain([...options, ...parameters], { cwd }).status, exitCode);
        expectedRuns.push(readCpuProfileShares(readFileSync(join(cwd, `profile${round}`), 'utf8')));
      }
      if (!compared) return;
      assertSimilarShares(expectedRuns, fineRuns);
    });
  }
});
