import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findSuite, launchScenario, suitePipeline, suites } from '../../../src/node/benchmark/suites.ts';
import { pipelines } from '../../../src/node/run/pipelines.ts';

const root = join(import.meta.dirname, '../../..');
const options = { dist: join(root, 'dist'), workspace: root, data: '/data' };

describe('benchmark suites', () => {
  it('have unique ids and include each pipeline as a whole', () => {
    const ids = suites.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id } of pipelines) assert.equal(findSuite(id)?.pipeline, id);
    assert.equal(findSuite('unknown'), undefined);
  });

  for (const suite of suites) {
    it(`start each scenario of ${suite.id} from an existing bundle with different arguments`, () => {
      const source = readFileSync(join(root, 'esbuild.config.mjs'), 'utf8');
      const starts = suite.scenarios.map((scenario) => {
        const { start } = launchScenario(suite, scenario, options);
        assert.equal(start.kind, 'module');
        if (start.kind !== 'module') return '';
        assert.ok(source.includes(`'pipelines/${basename(start.module, '.js')}'`), start.module);
        return JSON.stringify(start.args);
      });
      assert.equal(new Set(starts).size, suite.scenarios.length);
      assert.equal(suitePipeline(suite).id, suite.id);
    });
  }

  it('include six for the validation, with a scenario for each profile and category', () => {
    const validationSuites = suites.filter(({ pipeline }) => pipeline === 'validation');
    assert.equal(validationSuites.length, 6);
    const scenarios = validationSuites.flatMap((suite) => suite.scenarios.map(({ name }) => name));
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
      assert.ok(scenarios.includes(name), name);
    }
  });
});
