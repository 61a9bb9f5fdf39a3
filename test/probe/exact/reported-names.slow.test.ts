/** Checks that every name in a report can be used to select the function, in each version of Node. */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseExactTarget } from '../../../src/node/run/exact/parse-exact-target.ts';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createProgramFolder, operationsIn, type ReportedOperation, runProfiled } from '../profiled-program.ts';
import { everyConstruct } from './every-construct.ts';

async function functionsIn(
  cwd: string,
  node: string,
  names: readonly string[] = [],
  file = 'every.cjs',
): Promise<readonly ReportedOperation[]> {
  const exact = names.map((name) => parseExactTarget(`${join(cwd, file)}:${name}`));
  const { batches, status, stderr, errors } = await runProfiled([file], {
    cwd,
    node,
    config: { samplingNs: 4e5, exact },
  });
  assert.deepEqual([status, stderr, errors], [0, '', []]);
  return operationsIn(batches).filter((operation) => operation.file !== undefined);
}

describe('names of functions in reports', function () {
  this.timeout(60_000);
  const versions: Readonly<Record<string, () => string>> = {
    'Node 18': () => nodeVersion(18),
    'Node 20': () => nodeVersion(20),
    'Node 22': () => nodeVersion(22),
    'the current Node': () => process.execPath,
  };
  for (const [version, path] of Object.entries(versions)) {
    it(`select the function for exact timing in ${version}`, async () => {
      const cwd = createProgramFolder({ 'every.cjs': everyConstruct });
      const sampled = (await functionsIn(cwd, path())).filter(({ samples }) => samples > 0);
      assert.ok(sampled.length > 40, `${sampled.length} functions were sampled`);
      const exact = await functionsIn(
        cwd,
        path(),
        sampled.map(({ name }) => name),
      );
      const missing = sampled.filter(({ line }) => !exact.some((other) => other.line === line && other.count > 0));
      assert.deepEqual(
        missing.map(({ name, line }) => `${line} ${name}`),
        [],
      );
      // In one version the name is the same in both reports. In others, V8 names a few functions differently.
      if (path() !== process.execPath) return;
      const renamed = sampled.filter(
        ({ line, name }) => !exact.some((other) => other.line === line && other.name === name),
      );
      assert.deepEqual(
        renamed.map(({ name, line }) => `${line} ${name}`),
        [],
      );
    });
  }

  it('select default exports, getters by their plain name, and names with the place of their function', async () => {
    const cwd = createProgramFolder({
      'arrow.mjs': 'export default () => 1;\n',
      'class.mjs': 'export default class { get size() { return 1; } run() {} }\n',
      'main.mjs':
        "import arrow from './arrow.mjs';\nimport Class from './class.mjs';\narrow(); const c = new Class(); c.size; c.run();\n",
    });
    const exact = ['arrow.mjs:default', 'class.mjs:size', 'class.mjs:run (class.mjs:1)'].map((text) =>
      parseExactTarget(join(cwd, text)),
    );
    const { batches } = await runProfiled(['main.mjs'], { cwd, config: { exact } });
    const counts = operationsIn(batches)
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => `${name} ${count}`);
    assert.deepEqual(counts.sort(), ['default 1', 'default.get size 1', 'default.run 1']);
  });

  it('report a function that is called again after its file was changed and loaded anew', async () => {
    const cwd = createProgramFolder({ 'part.cjs': 'exports.part = () => 1;\n' });
    writeFileSync(
      join(cwd, 'main.cjs'),
      "const fs = require('fs'), file = require.resolve('./part.cjs');\nfor (let i = 0; i < 2000; i++) { if (i === 1000) fs.appendFileSync(file, '// changed'); require(file).part(); delete require.cache[file]; }\n",
    );
    const exact = [parseExactTarget(`${join(cwd, 'part.cjs')}:exports.part`)];
    const { batches } = await runProfiled(['main.cjs'], { cwd, config: { exact } });
    const counts = operationsIn(batches).map(({ name, count }) => [name, count]);
    assert.deepEqual(
      counts.find(([name]) => name === 'exports.part'),
      ['exports.part', 2000],
    );
  });
});
