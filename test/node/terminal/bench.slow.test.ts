/** Runs `pipescope bench` and `pipescope overhead` on programs with known durations. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipescope as run } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

/** Returns a program with an operation of the given duration. It only waits, so that machine load hardly matters. */
const waitingProgram = (ms: number): string => `
const { span } = await import(${JSON.stringify(join(import.meta.dirname, '../../../dist/probe.js'))});
for (let i = 0; i < 3; i++) await span('wait', () => new Promise((done) => setTimeout(done, ${ms})), { component: 'part', file: 'wait.mjs', line: 3 });
await span('other', () => new Promise((done) => setTimeout(done, 20)), { component: 'part' });
`;

describe('pipescope bench', function () {
  this.timeout(240_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let workspace: string;
  before(() => {
    temporary = createTemporaryFolder();
    workspace = join(temporary.path, 'workspace');
    mkdirSync(workspace);
    git('init', '-q', '-b', 'main');
    writeFileSync(join(workspace, 'wait.mjs'), waitingProgram(40));
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

  it('measures a program and its operations, without a verdict if there is no reference', async () => {
    const { code, stdout, stderr } = await pipescope('bench', '--runs', '3', '--json', '--save', 'kept', ...program);
    assert.equal(code, 0, stderr);
    const output = JSON.parse(stdout);
    assert.equal(output.verdict, null);
    const [benchCase] = output.report.cases;
    assert.equal(benchCase.samplesNs.length, 3);
    assert.ok(benchCase.samplesNs.every((ns: number) => ns > 140e6));
    const wait = output.operations.find(({ name }: { name: string }) => name === 'wait');
    assert.deepEqual([wait.component, wait.line, wait.counts], ['part', 3, [3, 3, 3]]);
    assert.ok(
      wait.samplesNs.every((ns: number) => ns > 39e6 && ns < 140e6),
      wait.samplesNs.join(' '),
    );
    assert.ok(output.results[0].latency_stats.p50_ms > 140);
    if (process.platform === 'linux') assert.ok(benchCase.userNs.every((ns: number) => ns > 0));
  });

  it('finds a regression against another commit, in total and in the slower operation', async () => {
    writeFileSync(join(workspace, 'wait.mjs'), waitingProgram(140));
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
      const output = JSON.parse(stdout);
      assert.equal(output.verdict, 'regressed');
      assert.ok(output.ratio > 1.2 && output.interval[0] > 1.2 && output.p < 0.01, stdout.slice(0, 300));
      assert.deepEqual(output.n, [10, 10]);
      assert.ok(output.minimumDetectable > 0);
      const [worst, ...others] = output.operations;
      assert.deepEqual([worst.name, worst.verdict, worst.severity], ['wait', 'regressed', 'critical']);
      assert.ok(others.every(({ verdict }: { verdict: string }) => verdict !== 'regressed'));
      assert.equal(output.regressions[0].type, 'latency_increase');
      assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
    } finally {
      git('checkout', '-q', '--', '.');
    }
  });

  it('finds no regression when it compares a program with itself to measure noise', async () => {
    const { code, stdout, stderr } = await pipescope('bench', '--noise', '--runs', '10', '--json', ...program);
    assert.equal(code, 0, stderr);
    const output = JSON.parse(stdout);
    assert.ok(['unchanged', 'inconclusive', 'slower', 'improved'].includes(output.verdict), output.verdict);
    assert.equal(output.against, 'the same');
  });

  it('compares with the last good run and with a baseline, and writes every format', async () => {
    const first = await pipescope('bench', '--runs', '2', '--save', 'base', ...program);
    assert.equal(first.code, 0, first.stderr);
    for (const against of ['last', 'base']) {
      const { code, stdout, stderr } = await pipescope('bench', '--runs', '2', '--against', against, ...program);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /run: wall time.*inconclusive.* – .*needs 10 runs/);
    }
    const formats: readonly [string, (text: string) => void][] = [
      ['markdown', (text) => assert.match(text, /^# .*against "base": inconclusive/)],
      ['github', (text) => assert.match(text, /^::notice title=Pipescope::Benchmark: inconclusive/)],
      ['custom-smaller-is-better', (text) => assert.equal(JSON.parse(text)[0].unit, 'ms')],
      ['hyperfine', (text) => assert.equal(JSON.parse(text).results[0].times.length, 2)],
    ];
    for (const [format, check] of formats) {
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

  it('never fails because of a baseline from another machine, but warns', async () => {
    const fast = ['--', 'node', '-e', ''];
    const slow = ['--', 'node', '-e', 'setTimeout(() => undefined, 200)'];
    const first = await pipescope('bench', '--runs', '10', '--json', ...fast);
    const { report } = JSON.parse(first.stdout);
    const files = {
      'here.json': report,
      'there.json': { ...report, machine: { ...report.machine, cpu: 'Another CPU' } },
    };
    for (const [file, content] of Object.entries(files)) {
      const baseline = { ...content, pipeline: 'command', cases: report.cases };
      writeFileSync(join(workspace, file), JSON.stringify({ report: baseline }));
    }
    const here = await pipescope('bench', '--runs', '10', '--against', 'here.json', '--json', ...slow);
    assert.deepEqual([here.code, JSON.parse(here.stdout).verdict], [1, 'regressed']);
    assert.match(here.stderr, /Measuring again to confirm/);
    for (const failOn of ['regressed', 'inconclusive']) {
      const there = await pipescope(
        'bench',
        '--runs',
        '10',
        '--against',
        'there.json',
        '--json',
        '--fail-on',
        failOn,
        ...slow,
      );
      const { verdict, warnings, incomparable } = JSON.parse(there.stdout);
      assert.deepEqual([there.code, verdict], [0, 'inconclusive'], there.stderr);
      assert.match(incomparable, /another machine \(Another CPU/);
      assert.ok(warnings.includes(incomparable));
      assert.doesNotMatch(there.stderr, /Measuring again/);
    }
  });

  it('names the place of a slower function relative to the repository, and saves no baseline in which more calls fail', async () => {
    const folder = join(workspace, 'packages/a');
    mkdirSync(folder, { recursive: true });
    const write = (ms: number, failure = ''): void => {
      const api = JSON.stringify(join(import.meta.dirname, '../../../dist/probe.js'));
      const work = `new Promise((done) => setTimeout(done, ${ms}))`;
      writeFileSync(
        join(folder, 'work.mjs'),
        `const { span } = await import(${api});
        await span('work', () => ${work}, { component: 'part', file: 'work.mjs', line: 2 });
        ${failure}`,
      );
    };
    const bench = (...args: string[]) =>
      pipescope('bench', '--runs', '10', '--workspace', folder, ...args, '--', 'node', 'work.mjs');
    write(30);
    assert.equal((await bench('--save', 'kept')).code, 0);
    write(120, "try { span('bad', () => { throw new Error('no'); }, { component: 'part' }); } catch {}");
    const { code, stdout, stderr } = await bench('--against', 'kept', '--save', 'kept', '--format', 'github');
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^::error file=packages\/a\/work\.mjs,line=2,title=Pipescope::run: part\.work \+/m);
    assert.match(stderr, /Could not save the baseline “kept”: more calls fail than before/);
  });

  it('compares with the last good run of the current branch only', async () => {
    const noWork = ['--', 'node', '-e', '0'];
    git('checkout', '-qb', 'other');
    assert.equal((await pipescope('bench', '--runs', '1', ...noWork)).code, 0);
    assert.equal((await pipescope('bench', '--runs', '1', '--against', 'last', ...noWork)).code, 0);
    git('checkout', '-qb', 'third');
    const { code, stderr } = await pipescope('bench', '--runs', '1', '--against', 'last', '--', 'node', '-e', '0');
    git('checkout', '-q', 'main');
    assert.equal(code, 1);
    assert.match(stderr, /No good run of this benchmark on this branch/);
  });

  it('exports real exit codes and reports ignored failures', async () => {
    const failing = ['--runs', '2', '--warmup', '0', '--ignore-failure'];
    const { code, stdout } = await pipescope('bench', ...failing, '--format', 'hyperfine', '--', 'sh', '-c', 'exit 3');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).results[0].exit_codes, [3, 3]);
    const text = await pipescope('bench', ...failing, '--', 'sh', '-c', 'exit 3');
    assert.match(text.stdout, /2 of 2 runs failed \(exit code 3: 2\)/);
  });

  it('shows no interval and no deviation of a single run', async () => {
    const { stdout } = await pipescope('bench', '--runs', '1', '--warmup', '0', '--', 'sleep', '0.1');
    assert.match(stdout, /^run +10\d ms +– +– +10\d ms +10\d ms/m);
  });

  it('runs the prepare command before each run', async () => {
    const file = join(temporary.path, 'prepared');
    const prepare = `node -e "fs.appendFileSync('${file}', 'x')"`;
    const { code, stderr } = await pipescope('bench', '--runs', '2', '--warmup', '1', '--prepare', prepare, ...program);
    assert.equal(code, 0, stderr);
    // A warm-up run and two runs, then the same with the probe.
    assert.equal(readFileSync(file, 'utf8'), 'x'.repeat(6));
  });

  const failures: readonly [string, readonly string[], number, RegExp][] = [
    ['an unknown baseline', ['--against', 'unknown', ...program], 1, /No file, baseline or commit named “unknown”/],
    ['an unknown format', ['--format', 'xml', ...program], 2, /--format must be one of text, json/],
    ['an unknown verdict for --fail-on', ['--fail-on', 'luck', ...program], 2, /--fail-on must be one of regressed/],
    ['both a pipeline and a command', ['detection', ...program], 2, /not both/],
    [
      'a program that fails',
      ['--runs', '1', '--', 'node', '-e', 'process.exit(4)'],
      1,
      /stopped because a run failed.*exit code 4\./,
    ],
    [
      'a program that fails with a reason',
      ['--runs', '1', '--', 'node', '-e', 'console.error("x".repeat(99999)); throw new TypeError("no such mode")'],
      1,
      /stopped because a run failed.*exit code 1: TypeError: no such mode\./,
    ],
    ['a file that is not a report', ['--against', 'bad.json', ...program], 2, /is not a Pipescope benchmark report/],
  ];
  for (const [what, args, exit, message] of failures) {
    it(`rejects ${what} with exit code ${exit}`, async () => {
      writeFileSync(join(workspace, 'bad.json'), '{"report":{"schema":"pipescope-bench/1","cases":[null]}}');
      const { code, stderr } = await pipescope('bench', ...args);
      assert.equal(code, exit, stderr);
      assert.match(stderr, message);
    });
  }

  it('measures the profiler overhead of a program and of a built-in pipeline', async () => {
    for (const target of [program, ['detection', '--workspace', workspace]]) {
      const { code, stdout, stderr } = await pipescope('overhead', '--runs', '6', '--json', ...target);
      assert.equal(code, 0, stderr);
      const [cost] = JSON.parse(stdout).costs;
      assert.equal(cost.pairs, 6);
      assert.ok(cost.wall.low <= cost.wall.ratio && cost.wall.ratio <= cost.wall.high);
      assert.ok(cost.wall.ratio > 0.3 && cost.wall.ratio < 10, `${cost.wall.ratio}`);
    }
  });
});
