import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSnapshotJson } from '../../../src/core/export/snapshot-json.ts';
import { builtCli, pipescope as run } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { until } from '../../fixtures/wait.ts';

const pipescope = (...args: string[]) => run(args);

describe('the pipescope command', function () {
  this.timeout(180_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let workspace: string;
  let data: string;
  before(() => {
    temporary = createTemporaryFolder();
    [workspace, data] = [join(temporary.path, 'workspace'), join(temporary.path, 'data')];
    mkdirSync(workspace);
    writeFileSync(
      join(workspace, 'a.ts'),
      "import { b } from './b.ts';\nexport function a() {\n  return b(1) + b(2);\n}\n",
    );
    writeFileSync(join(workspace, 'b.ts'), 'export function b(x: number) {\n  return x;\n}\n');
    execFileSync('git', ['init', '-q'], { cwd: workspace });
  });
  after(() => temporary.done());
  const folders = () => ['--workspace', workspace, '--data', data];

  it('writes progress to standard error and one JSON summary to standard output', async () => {
    const [result, snapshot] = [join(temporary.path, 'r.jsonl'), join(temporary.path, 'out', 's.json')];
    const output = await pipescope(
      'run',
      'detection',
      ...folders(),
      '--result',
      result,
      '--snapshot',
      snapshot,
      '--json',
    );
    assert.equal(output.code, 0, output.stderr);
    const summary = JSON.parse(output.stdout);
    assert.equal(summary.schema, 'pipescope/1');
    assert.equal(summary.run.result, 'success');
    assert.match(output.stderr, /concurrent_extractor/);
    const lines = readFileSync(result, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const calls = lines.filter(({ kind }) => kind === 'call');
    assert.deepEqual(
      calls.map(({ file, line, column, callee }) => [file, line, column, callee]),
      [
        ['a.ts', 3, 10, 'b'],
        ['a.ts', 3, 17, 'b'],
      ],
    );
    assert.ok(calls.every(({ target, tier }) => target && tier === 'import'));
    const exported = parseSnapshotJson(readFileSync(snapshot, 'utf8'));
    assert.equal(exported.components.find(({ name }) => name === 'concurrent_extractor')?.counters['calls'], 2);
    assert.ok(exported.operations.every(({ histogram }) => histogram));
  });

  it('finds all files unchanged in the second run', async () => {
    await pipescope('run', 'detection', ...folders());
    const { stdout } = await pipescope('run', 'detection', ...folders(), '--json');
    const incremental = JSON.parse(stdout).components.find(
      ({ name }: { name: string }) => name === 'incremental_detection',
    );
    assert.deepEqual(incremental.counters, { unchanged: 2, changed: 0 });
  });

  it('saves a baseline and compares with it inconclusively after only three runs', async () => {
    const saved = await pipescope('bench', 'detection', ...folders(), '--runs', '3', '--save', 'main');
    assert.equal(saved.code, 0, saved.stderr);
    assert.match(saved.stdout, /cold .*\n.*no change/);
    const compared = await pipescope('bench', 'detection', ...folders(), '--runs', '3', '--against', 'main', '--json');
    assert.equal(compared.code, 0, compared.stderr);
    const { report, verdict, rows } = JSON.parse(compared.stdout);
    assert.deepEqual(
      report.cases.map(({ name }: { name: string }) => name),
      ['cold', 'no change', 'one file changed'],
    );
    assert.equal(verdict, 'inconclusive');
    assert.match(rows[0].reason, /needs 10 runs/);
  });

  const invalid: readonly [string, string[], number, RegExp][] = [
    ['no command', [], 2, /Usage/],
    ['an unknown command', ['fly'], 2, /Unknown command “fly”/],
    ['an unknown pipeline', ['run', 'plumbing'], 2, /Unknown pipeline “plumbing”.*detection/],
    ['no pipeline', ['run'], 2, /No pipeline specified/],
    ['an unknown option', ['run', 'detection', '--fast'], 2, /--fast/],
    ['a missing workspace folder', ['run', 'detection', '--workspace', '/nowhere'], 2, /is not a folder/],
    ['a missing file in --exact', ['run', '--exact', 'none.js:f', '--', 'true'], 2, /File not found: .*none\.js/],
    ['a sampling interval of zero', ['run', '--sampling', '0', '--', 'true'], 2, /from 0\.25 to 1000 milliseconds/],
    ['a fractional number of runs', ['bench', 'detection', '--runs', '1.5'], 2, /whole number/],
  ];
  for (const [what, args, code, message] of invalid) {
    it(`rejects ${what} with exit code ${code} and a message`, async () => {
      const output = await pipescope(...args);
      assert.equal(output.code, code);
      assert.match(output.stderr, message);
      assert.equal(output.stdout, '');
    });
  }

  it('rejects a missing baseline with exit code 1 before it runs a program', async () => {
    const output = await pipescope('bench', 'detection', ...folders(), '--against', 'yesterday');
    assert.equal(output.code, 1);
    assert.match(output.stderr, /No file, baseline or commit named “yesterday”/);
    assert.doesNotMatch(output.stderr, /warm-up/);
  });

  it('prints its usage and version', async () => {
    const help = await pipescope('--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Exit codes:\n {2}0 {2}Success\n {2}1 {2}The run failed/);
    assert.match((await pipescope('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('stops the run and reports that if it is interrupted', async () => {
    const many = join(temporary.path, 'many');
    mkdirSync(many);
    const body = Array.from({ length: 300 }, (_, index) => `export function f${index}() { return g(${index}); }`).join(
      '\n',
    );
    for (let file = 0; file < 1500; file++) writeFileSync(join(many, `f${file}.ts`), body);
    const child = spawn(
      process.execPath,
      [builtCli(), 'run', 'detection', '--workspace', many, '--data', data, '--json', '--cold'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    await until(() => /running/.test(stderr));
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).run.result, 'cancellation');
    assert.match(stderr, /Stopped/);
  });
});
