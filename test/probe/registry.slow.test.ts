/** Holds the zero-code probe to programs out of the registry, unchanged: they say the same, and it tells what Node tells. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registryPrograms } from '../fixtures/registry.ts';
import { assertAlike, ratios, type Shares, sharesOf } from './shares.ts';
import { folderOf, plain, profiled, type Result, told } from './zero.ts';

const rounds = 2;

/** Warnings of Node name the process: all that differs between two runs without us. */
function saidBy({ status, stdout, stderr }: Result): readonly unknown[] {
  return [status, stdout, stderr.replaceAll(/\(node:\d+\)/g, '(node)')];
}

describe('programs out of the registry', function () {
  this.timeout(180_000);
  for (const { name, prepare, parameters, exitCode, compared } of registryPrograms) {
    it(`${name} says the same, and is seen${compared ? ' as by --cpu-prof' : ''}`, async () => {
      const cwd = folderOf({});
      prepare(cwd);
      const alone = plain(parameters, { cwd });
      assert.equal(alone.status, exitCode, alone.stderr);
      assert.ok(alone.stdout.length + alone.stderr.length > 60, 'it says something that could change');
      const truths: Shares[] = [];
      const tellings: Shares[] = [];
      // What one run differs from the next by is the same on both sides: they take turns.
      for (let round = 0; round < (compared ? rounds : 1); round++) {
        const seen = await profiled(parameters, { cwd, wishes: { workspace: '', budgetRatio: 1 } });
        assert.deepEqual(saidBy(seen), saidBy(alone));
        assert.deepEqual(seen.faults, []);
        assert.ok(seen.batches.some(({ bye }) => bye !== undefined));
        const functions = told(seen.batches).filter(({ file }) => file);
        assert.ok(functions.length > 0, 'no function was seen');
        if (!compared) continue;
        tellings.push(ratios(functions.map(({ file, line, selfNs }) => [`${file}:${line}`, selfNs] as const)));
        const flags = ['--cpu-prof', '--cpu-prof-interval', '1000', '--cpu-prof-name', `profile${round}`];
        assert.equal(plain([...flags, ...parameters], { cwd }).status, exitCode);
        truths.push(sharesOf(readFileSync(join(cwd, `profile${round}`), 'utf8')));
      }
      if (compared) assertAlike(truths, tellings);
    });
  }
});
