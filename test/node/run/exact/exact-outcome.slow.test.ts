/** Checks with the built command that a function which no process has found is reported once, with the reason. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Snapshot } from '../../../../src/protocol/snapshot.ts';
import { pipescope } from '../../../fixtures/command.ts';

describe('pipescope run --exact', function () {
  this.timeout(60_000);
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-exact-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(
    files: Readonly<Record<string, string>>,
    targets: readonly string[],
    command: readonly string[],
    cwd = folder,
  ): Promise<Pick<Snapshot, 'operations'> & { readonly notices: readonly string[] }> {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const snapshot = join(folder, 'snapshot.json');
    const exact = targets.flatMap((target) => ['--exact', target]);
    const { code, stderr } = await pipescope(
      ['run', ...exact, '--data', join(folder, 'data'), '--snapshot', snapshot, '--', ...command],
      { cwd, env: { ...process.env, CI: '' } },
    );
    assert.equal(code, 0, stderr);
    return JSON.parse(readFileSync(snapshot, 'utf8'));
  }

  it('has one notice per function for all processes and threads of a run', async () => {
    const { notices, operations } = await run(
      {
        'main.cjs':
          "const { Worker } = require('node:worker_threads'), { fork } = require('node:child_process');\nrequire('./calc.cjs').sum(); new Worker('./calc.cjs'); fork('./calc.cjs');\nfork('./part.cjs');\n",
        'calc.cjs': 'function grade() {}\nexports.sum = () => grade();\n',
        'part.cjs': "require('./calc.cjs'); function part() {}\npart();\n",
        'unused.cjs': 'exports.unused = () => 1;\n',
        'strange.cjs': '// $psV\nfunction strange() {}\nstrange();\n',
      },
      ['calc.cjs:grde', 'calc.cjs:grade', 'part.cjs:part', 'unused.cjs:unused', 'calc.cjs:99'],
      [process.execPath, 'main.cjs'],
    );
    const found = operations.filter(({ count }) => count > 0).map(({ name, count }) => `${name} ${count}`);
    assert.deepEqual(found.sort(), ['grade 1', 'part 1']);
    assert.deepEqual(
      notices.filter((notice) => notice.includes('--exact')),
      [
        'No function matches calc.cjs:grde (--exact). Did you mean grade? Other names in that file: exports.sum.',
        'unused.cjs:unused was not timed exactly (--exact) because no process of this run that could be profiled called it or loaded its file.',
        'No function starts at calc.cjs:99 (--exact). Check the line. Names in that file: grade, exports.sum.',
      ],
    );
  });

  it('names the reason if a file cannot be changed, and times the others', async () => {
    const { notices, operations } = await run(
      {
        'main.cjs': "require('./strange.cjs'); require('./odd.cjs');\n",
        'strange.cjs': '// $psV\nfunction strange() {}\nstrange();\n',
        'odd.cjs':
          'function odd() { function g() { return 1 } { function g() {} } }\nfunction even() {}\nodd(); even();\n',
      },
      ['strange.cjs:strange', 'odd.cjs:odd', 'odd.cjs:even'],
      [process.execPath, 'main.cjs'],
    );
    assert.deepEqual(
      operations.filter(({ count }) => count > 0).map(({ name }) => name),
      ['even'],
    );
    const reasons = notices.filter((notice) => notice.includes('--exact'));
    assert.equal(reasons.length, 2);
    assert.match(reasons[0] ?? '', /^strange\.cjs:strange was not timed exactly \(--exact\) because its code contains/);
    assert.match(reasons[1] ?? '', /^odd\.cjs:odd was not timed exactly .* because .* used again in an inner block/);
  });

  it('shows functions of sibling packages if it is started in a package of a monorepo', async () => {
    mkdirSync(join(folder, 'packages/app'), { recursive: true });
    const { operations } = await run(
      {
        'package.json': '{"workspaces":["packages/*"]}',
        'packages/app/main.cjs': "require('../lib/lib.cjs').busy();\n",
        'packages/lib/lib.cjs':
          'exports.busy = function busy() { const until = performance.now() + 300; while (performance.now() < until); };\n',
      },
      ['../lib/lib.cjs:busy'],
      [process.execPath, 'main.cjs'],
      join(folder, 'packages/app'),
    );
    const busy = operations.find(({ name }) => name === 'busy');
    assert.deepEqual([busy?.file, busy?.component, busy?.count], ['../lib/lib.cjs', '../lib', 1]);
  });
});
