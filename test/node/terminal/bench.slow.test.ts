/** Runs `pipescope bench` and `pipescope overhead` on programs whose truth is planted. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipescope as run } from '../../fixtures/command.ts';
import { folder } from '../../fixtures/pipeline.ts';

/** Its operation takes as long as it is told, by waiting: how busy this machine is decides little. */
const waiting = (ms: number): string => `
const { span } = await import(${JSON.stringify(join(import.meta.dirname, '../../../dist/probe.js'))});
for (let i = 0; i < 3; i++) await span('wait', () => new Promise((done) => setTimeout(done, ${ms})), { component: 'part', file: 'wait.mjs', line: 3 });
await span('other', () => new Promise((done) => setTimeout(done, 20)), { component: 'part' });
`;

describe('pipescope bench', function () {
  this.timeout(240_000);
  let temporary: ReturnType<typeof folder>;
  let workspace: string;
  before(() => {
    temporary = folder();
    workspace = join(temporary.path, 'workspace');
    mkdirSync(workspace);
    git('init', '-q', '-b', 'main');
    writeFileSync(join(workspace, 'wait.mjs'), waiting(40));
    git('add', '-A');
    git('commit', '-qm', 'one');
  });
  after(() => temporary.done());

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: workspace, encoding: 'utf8' });

  const pipescope = (...args: string[]) => {
    const env = { ...process.env, GITHUB_STEP_SUMMARY: '', XDG_STATE_HOME: join(temporary.path, 'state') };
    return run(args, { cwd: workspace, env });
  };
  const program = ['--', 'node', 'wait.mjs'];

  it('measures any program with its operations, and says no verdict where nothing was compared', async () => {
    const { code, stdout, stderr } = await pipescope('bench', '--runs', '3', '--json', '--save', 'kept', ...program);
    assert.equal(code, 0, stderr);
    const said = JSON.parse(stdout);
    assert.equal(said.verdict, null);
    const [one] = said.report.cases;
    assert.equal(one.samplesNs.length, 3);
    assert.ok(one.samplesNs.every((ns: number) => ns > 140e6));
    const wait = said.operations.find(({ name }: { name: string }) => name === 'wait');
    assert.deepEqual([wait.component, wait.line, wait.counts], ['part', 3, [3, 3, 3]]);
    assert.ok(
      wait.samplesNs.every((ns: number) => ns > 39e6 && ns < 140e6),
      wait.samplesNs.join(' '),
    );
    assert.ok(said.results[0].latency_stats.p50_ms > 140);
    if (process.platform === 'linux') assert.ok(one.userNs.every((ns: number) => ns > 0));
  });

  it('finds against another commit what became slower, in the whole and in the one operation', async () => {
    writeFileSync(join(workspace, 'wait.mjs'), waiting(140));
    try {
      const { code, stdout, stderr } = await pipescope(
        'bench',
        '--runs',
        '10',
        '--against',
        'main',
        '--json',
        ...program,
      );
      assert.equal(code, 1, stderr);
      const said = JSON.parse(stdout);
      assert.equal(said.verdict, 'regressed');
      assert.ok(said.ratio > 1.2 && said.interval[0] > 1.2 && said.p < 0.01, stdout.slice(0, 300));
      assert.deepEqual(said.n, [10, 10]);
      assert.ok(said.minimumDetectable > 0);
      const [worst, ...others] = said.operations;
      assert.deepEqual([worst.name, worst.verdict, worst.severity], ['wait', 'regressed', 'critical']);
      assert.ok(others.every(({ verdict }: { verdict: string }) => verdict !== 'regressed'));
      assert.equal(said.regressions[0].type, 'latency_increase');
      assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
    } finally {
      git('checkout', '-q', '--', '.');
    }
  });

  it('finds nothing of the same against the same, and remembers this machine’s noise', async () => {
    const { code, stdout, stderr } = await pipescope('bench', '--noise', '--runs', '10', '--json', ...program);
    assert.equal(code, 0, stderr);
    const said = JSON.parse(stdout);
    assert.ok(['unchanged', 'inconclusive', 'slower', 'improved'].includes(said.verdict), said.verdict);
    assert.equal(said.against, 'the same');
  });

  it('compares with the last good run and with what it saved, and writes every format', async () => {
    const first = await pipescope('bench', '--runs', '2', '--save', 'base', ...program);
    assert.equal(first.code, 0, first.stderr);
    for (const against of ['last', 'base']) {
      const { code, stdout, stderr } = await pipescope('bench', '--runs', '2', '--against', against, ...program);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /run: wall time.*inconclusive.*needs 10 runs/);
    }
    const ways: readonly [string, (text: string) => void][] = [
      ['markdown', (text) => assert.match(text, /^# .*against "base": inconclusive/)],
      ['github', (text) => assert.match(text, /^::notice title=Pipescope::Benchmark: inconclusive/)],
      ['custom-smaller-is-better', (text) => assert.equal(JSON.parse(text)[0].unit, 'ms')],
      ['hyperfine', (text) => assert.equal(JSON.parse(text).results[0].times.length, 2)],
    ];
    for (const [format, check] of ways) {
      const { code, stdout, stderr } = await pipescope(
        'bench',
        '--runs',
        '2',
        '--against',
        'base',
        '--format',
        format,
        ...program,
      );
      assert.equal(code, 0, stderr);
      check(stdout);
    }
  });

  it('runs a program before each run that is not counted', async () => {
    const note = join(temporary.path, 'prepared');
    const prepare = `node -e "fs.appendFileSync('${note}', 'x')"`;
    const { code, stderr } = await pipescope('bench', '--runs', '2', '--warmup', '1', '--prepare', prepare, ...program);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(note, 'utf8'), 'xxx');
  });

  const faults: readonly [string, readonly string[], number, RegExp][] = [
    ['an unknown baseline', ['--against', 'nothing', ...program], 1, /“nothing” is no file, baseline or commit/],
    ['an unknown format', ['--format', 'xml', ...program], 2, /--format knows text, json/],
    ['an unknown verdict to fail on', ['--fail-on', 'luck', ...program], 2, /--fail-on knows regressed/],
    ['a pipeline and a command', ['detection', ...program], 2, /not both/],
    [
      'a program that fails',
      ['--runs', '1', '--', 'node', '-e', 'process.exit(4)'],
      1,
      /ended because a run did.*exit code 4/,
    ],
    ['a file that is none of ours', ['--against', 'bad.json', ...program], 1, /is no benchmark of Pipescope/],
  ];
  for (const [what, args, exit, message] of faults) {
    it(`says what is wrong with ${what}`, async () => {
      writeFileSync(join(workspace, 'bad.json'), '{"report":{"schema":"pipescope-bench/1","cases":[null]}}');
      const { code, stderr } = await pipescope('bench', ...args);
      assert.equal(code, exit, stderr);
      assert.match(stderr, message);
    });
  }

  it('tells what the profiler costs, of a program and of a pipeline of ours', async () => {
    for (const what of [program, ['detection', '--workspace', workspace]]) {
      const { code, stdout, stderr } = await pipescope('overhead', '--runs', '3', '--json', ...what);
      assert.equal(code, 0, stderr);
      const [cost] = JSON.parse(stdout).costs;
      assert.equal(cost.pairs, 3);
      assert.ok(cost.wall.low <= cost.wall.ratio && cost.wall.ratio <= cost.wall.high);
      assert.ok(cost.wall.ratio > 0.3 && cost.wall.ratio < 10, `${cost.wall.ratio}`);
    }
  });
});
