import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJson } from '../../../src/core/export/snapshot-json.ts';
import { builtCli, pipescope as run } from '../../fixtures/command.ts';
import { folder } from '../../fixtures/pipeline.ts';
import { until } from '../../fixtures/wait.ts';

const pipescope = (...args: string[]) => run(args);

describe('the pipescope command', function () {
  this.timeout(180_000);
  let temporary: ReturnType<typeof folder>;
  let workspace: string;
  let data: string;
  before(() => {
    temporary = folder();
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
  const where = () => ['--workspace', workspace, '--data', data];

  it('runs detection: progress on standard error, one JSON summary on standard output', async () => {
    const [result, snapshot] = [join(temporary.path, 'r.jsonl'), join(temporary.path, 'out', 's.json')];
    const answer = await pipescope(
      'run',
      'detection',
      ...where(),
      '--result',
      result,
      '--snapshot',
      snapshot,
      '--json',
    );
    assert.equal(answer.code, 0, answer.stderr);
    const summary = JSON.parse(answer.stdout);
    assert.equal(summary.schema, 'pipescope/1');
    assert.equal(summary.run.result, 'success');
    assert.match(answer.stderr, /concurrent_extractor/);
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
    const whole = importJson(readFileSync(snapshot, 'utf8'));
    assert.equal(whole.components.find(({ name }) => name === 'concurrent_extractor')?.counters['calls'], 2);
    assert.ok(whole.operations.every(({ histogram }) => histogram));
  });

  it('finds nothing to do the second time', async () => {
    await pipescope('run', 'detection', ...where());
    const { stdout } = await pipescope('run', 'detection', ...where(), '--json');
    const incremental = JSON.parse(stdout).components.find(
      ({ name }: { name: string }) => name === 'incremental_detection',
    );
    assert.deepEqual(incremental.counters, { unchanged: 2, changed: 0 });
  });

  it('benchmarks, saves a baseline, compares with it, and never calls itself slower on three runs', async () => {
    const saved = await pipescope('bench', 'detection', ...where(), '--runs', '3', '--save', 'main');
    assert.equal(saved.code, 0, saved.stderr);
    assert.match(saved.stdout, /cold .*\n.*no change/);
    const compared = await pipescope('bench', 'detection', ...where(), '--runs', '3', '--against', 'main', '--json');
    assert.equal(compared.code, 0, compared.stderr);
    const { report, verdict, rows } = JSON.parse(compared.stdout);
    assert.deepEqual(
      report.cases.map(({ name }: { name: string }) => name),
      ['cold', 'no change', 'one file changed'],
    );
    assert.equal(verdict, 'inconclusive');
    assert.match(rows[0].reason, /needs 10 runs/);
  });

  const wrong: readonly [string, string[], number, RegExp][] = [
    ['no command', [], 2, /Usage/],
    ['an unknown command', ['fly'], 2, /no command “fly”/],
    ['an unknown pipeline', ['run', 'plumbing'], 2, /no pipeline “plumbing”.*detection/],
    ['no pipeline', ['run'], 2, /Which pipeline/],
    ['an unknown option', ['run', 'detection', '--fast'], 2, /--fast/],
    ['a folder that is none', ['run', 'detection', '--workspace', '/nowhere'], 2, /is no folder/],
    ['a file to time that is not there', ['run', '--exact', 'none.js:f', '--', 'true'], 2, /no file .*none\.js/],
    ['an interval of nothing', ['run', '--sampling', '0', '--', 'true'], 2, /milliseconds from 0\.25/],
    ['half a run', ['bench', 'detection', '--runs', '1.5'], 2, /whole number/],
  ];
  for (const [what, args, code, message] of wrong) {
    it(`answers ${code} to ${what}, with a sentence`, async () => {
      const answer = await pipescope(...args);
      assert.equal(answer.code, code);
      assert.match(answer.stderr, message);
      assert.equal(answer.stdout, '');
    });
  }

  it('answers 1 to a baseline that does not exist, before it runs anything', async () => {
    const answer = await pipescope('bench', 'detection', ...where(), '--against', 'yesterday');
    assert.equal(answer.code, 1);
    assert.match(answer.stderr, /“yesterday” is no file, baseline or commit/);
    assert.doesNotMatch(answer.stderr, /warm-up/);
  });

  it('tells its usage and version', async () => {
    const help = await pipescope('--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Exit code: 0 ok, 1/);
    assert.match((await pipescope('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('stops in order when interrupted, and says so', async () => {
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
