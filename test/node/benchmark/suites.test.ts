/** Walks the table of what can be benchmarked. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { benchmarked, launchOfCase, suiteOf, suites } from '../../../src/node/benchmark/suites.ts';
import { pipelines } from '../../../src/node/run/launch-spec.ts';

const root = join(import.meta.dirname, '../../..');
const options = { dist: join(root, 'dist'), workspace: root, data: '/data' };

describe('the suites of the benchmark', () => {
  it('have names of their own, and one that is of each pipeline as a whole', () => {
    const ids = suites.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id } of pipelines) assert.equal(suiteOf(id)?.pipeline, id);
    assert.equal(suiteOf('nothing'), undefined);
  });

  for (const suite of suites) {
    it(`start each case of ${suite.id} by a bundle that is built, in another way than the others`, () => {
      const source = readFileSync(join(root, 'esbuild.config.mjs'), 'utf8');
      const starts = suite.cases.map((one) => {
        const { start } = launchOfCase(suite, one, options);
        assert.equal(start.kind, 'module');
        if (start.kind !== 'module') return '';
        assert.ok(source.includes(`'pipelines/${basename(start.module, '.js')}'`), start.module);
        return JSON.stringify(start.args);
      });
      assert.equal(new Set(starts).size, suite.cases.length);
      assert.equal(benchmarked(suite).id, suite.id);
    });
  }

  it('are six for the validation, and each profile and category has its case', () => {
    const own = suites.filter(({ pipeline }) => pipeline === 'validation');
    assert.equal(own.length, 6);
    const cases = own.flatMap((suite) => suite.cases.map(({ name }) => name));
    for (const name of [
      'dev',
      'ci',
      'enterprise',
      'workspace',
      'build',
      'tests',
      'generation',
      'safety',
      'serial',
      'auto',
      '4',
    ]) {
      assert.ok(cases.includes(name), name);
    }
  });
});
