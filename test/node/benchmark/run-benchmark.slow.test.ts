/** Tests how benchmarks measure: order, number of runs, runs without the probe, and cancellation. */
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchOptions, benchmark } from '../../../src/node/benchmark/run-benchmark.ts';
import { type BenchmarkTarget, targetOf } from '../../../src/node/benchmark/target.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const dist = join(import.meta.dirname, '../../../dist');

describe('benchmark', function () {
  this.timeout(120_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    assert.ok(existsSync(join(dist, 'preload.cjs')), 'dist is missing: run npm run build first');
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());

  const target = (name: string, script: string, noProbe = false): BenchmarkTarget =>
    targetOf({ kind: 'command', argv: ['node', '-e', script] }, { workspace: temporary.path, name, noProbe });
  /** With the probe, the program runs long enough to be sampled. */
  const appendToOrder = (letter: string): string =>
    `fs.appendFileSync('order', '${letter}'); while (process.env.PIPESCOPE_SOCKET && process.cpuUsage().user < 5e5);`;
  const options: BenchOptions = { dist, runs: 3, warmup: 1 };

  it('runs targets in the order A B B A and reports that order', async () => {
    const reports = await benchmark([target('a', appendToOrder('A')), target('b', appendToOrder('B'))], options);
    // Four rounds without the probe, one with it that shows whether there are operations, and three with it.
    assert.equal(readFileSync(join(temporary.path, 'order'), 'utf8'), 'ABBAABBAABABBAAB');
    assert.deepEqual(
      reports.map(({ order, cases }) => [order, cases[0]?.samplesNs.length]),
      [
        ['A B B A', 3],
        ['A B B A', 3],
      ],
    );
  });

  it('makes whole-process runs without the probe, and operation runs of their own with it', async () => {
    const script = `
      const isProbed = process.env.NODE_OPTIONS?.includes('preload') || Object.keys(process.env).some((key) => key.startsWith('PIPESCOPE_'));
      fs.appendFileSync('probed', isProbed ? 'with ' : 'without ');
      const usedMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e3; };
      while (isProbed ? performance.now() < 600 : usedMs() < 150);`;
    const [report] = await benchmark([target('a', script)], { ...options, runs: 2, warmup: 1 });
    assert.equal(readFileSync(join(temporary.path, 'probed'), 'utf8'), 'without without without with with with ');
    const [benchCase] = report?.cases ?? [];
    assert.equal(report?.method, 'without-probe');
    assert.ok(
      benchCase?.profiled?.samplesNs.every((ns) => ns >= 600e6),
      `${benchCase?.profiled?.samplesNs}`,
    );
    assert.equal(benchCase?.profiled?.samplesNs.length, 2);
    assert.ok(benchCase?.operations?.every(({ samplesNs }) => samplesNs.length === 2));
    if (process.platform !== 'linux') return;
    assert.ok(
      benchCase?.cpuNs?.every((ns) => ns > 145e6 && ns < 210e6),
      `${benchCase?.cpuNs}`,
    );
    assert.ok(
      benchCase?.peakRssBytes?.every((bytes) => bytes > 30e6 && bytes < 65e6),
      `${benchCase?.peakRssBytes}`,
    );
  });

  it('runs a program without operations only once with the probe', async () => {
    const argv = ['sh', '-c', 'echo x >> shell'] as const;
    const shell = targetOf({ kind: 'command', argv: [...argv] }, { workspace: temporary.path });
    const [report] = await benchmark([shell], options);
    assert.equal(readFileSync(join(temporary.path, 'shell'), 'utf8'), 'x\n'.repeat(5));
    assert.equal(report?.cases[0]?.samplesNs.length, 3);
    assert.equal(report?.cases[0]?.profiled, undefined);
    assert.deepEqual(report?.cases[0]?.exitCodes, [0, 0, 0]);
  });

  it('keeps the whole-process figures of a program that fails with the probe', async () => {
    const [report] = await benchmark([target('a', 'if (process.env.PIPESCOPE_RUN) process.exit(9)')], options);
    assert.equal(report?.cases[0]?.samplesNs.length, 3);
    assert.match(report?.cases[0]?.warnings.join(' ') ?? '', /Operations were not measured: .*exit code 9/);
    assert.equal(report?.cases[0]?.operations, undefined);
  });

  it('reports the exit codes of runs that fail now and then, if failures are ignored', async () => {
    const script = `
      const runs = Number(fs.existsSync('runs') ? fs.readFileSync('runs', 'utf8') : 0) + 1;
      fs.writeFileSync('runs', String(runs));
      if (runs === 2) process.exit(3);
      if (runs === 3) process.kill(process.pid, 'SIGTERM');
      if (runs === 3) setTimeout(() => undefined, 60000);`;
    const [report] = await benchmark([target('a', script)], { ...options, warmup: 0, runs: 4, ignoreFailure: true });
    assert.deepEqual(report?.cases[0]?.exitCodes, [0, 3, null, 0]);
    assert.match(
      report?.cases[0]?.warnings[0] ?? '',
      /^2 of 4 runs failed \(exit code 3: 1, terminated by a signal: 1\)/,
    );
  });

  it('makes at least 10 runs, and more of them if they are short or noisy', async () => {
    const [report] = await benchmark([target('a', 'setTimeout(() => undefined, 50)')], {
      ...options,
      runs: 'auto',
      warmup: 0,
    });
    const { samplesNs = [] } = report?.cases[0] ?? {};
    const totalNs = samplesNs.reduce((sum, ns) => sum + ns, 0);
    assert.ok(samplesNs.length >= 10, `${samplesNs.length}`);
    // Without enough precision, the last run is the one that completes 30 runs or 3 s.
    if (report?.stopped === 'runs') assert.ok(samplesNs.length >= 30 && totalNs >= 3e9, `${totalNs}`);
    else assert.equal(report?.stopped, 'precise');
  });

  it('reports its progress', async () => {
    const progress: string[] = [];
    await benchmark([target('a', '1')], {
      ...options,
      onProgress: ({ what, done, total }) => progress.push(`${done}/${total} ${what}`),
    });
    const [profiled, rest] = [progress.slice(4, -1), [...progress.slice(0, 4), ...progress.slice(-1)]];
    assert.deepEqual(rest, [
      '0/8 warm-up, run',
      '1/8 run',
      '2/8 run',
      '3/8 run',
      `${progress.length - 1}/${progress.length - 1} done`,
    ]);
    assert.ok(profiled.length > 0 && profiled.every((text) => text.endsWith('with the probe, run')), profiled.join());
  });

  it('stops immediately if it is cancelled, together with the running program', async () => {
    const controller = new AbortController();
    const slow = target('slow', `${appendToOrder('x')}; setTimeout(() => fs.appendFileSync('order', 'end'), 20000)`);
    const running = benchmark([slow], {
      ...options,
      signal: controller.signal,
      onProgress: () => setTimeout(() => controller.abort(new Error('cancelled')), 700),
    });
    await assert.rejects(running, /cancelled/);
    assert.equal(readFileSync(join(temporary.path, 'order'), 'utf8'), 'x');
  });

  it('rejects if a run fails or no runs are requested', async () => {
    await assert.rejects(benchmark([target('bad', 'process.exit(3)')], options), {
      name: 'HumanError',
      message: /exit code 3/,
    });
    const explained = target('bad', 'throw new TypeError("a reason")');
    await assert.rejects(benchmark([explained], options), /exit code 1: TypeError: a reason/);
    await assert.rejects(benchmark([explained], { ...options, warmup: 0 }), /do not keep the program's output/);
    await assert.rejects(benchmark([target('a', '1')], { ...options, runs: 0 }), /at least one run/);
  });
});
