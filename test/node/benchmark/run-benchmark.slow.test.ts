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
  const appendToOrder = (letter: string): string => `fs.appendFileSync('order', '${letter}')`;
  const options: BenchOptions = { dist, runs: 3, warmup: 1 };

  it('runs targets in the order A B B A and reports that order', async () => {
    const reports = await benchmark([target('a', appendToOrder('A')), target('b', appendToOrder('B'))], options);
    assert.equal(readFileSync(join(temporary.path, 'order'), 'utf8'), 'ABBAABBA');
    assert.deepEqual(
      reports.map(({ order, cases }) => [order, cases[0]?.samplesNs.length]),
      [
        ['A B B A', 3],
        ['A B B A', 3],
      ],
    );
  });

  it('runs a target without the probe only if requested', async () => {
    const script = `fs.appendFileSync('probed', process.env.NODE_OPTIONS?.includes('preload') ? 'with ' : 'without ')`;
    await benchmark([target('without', script, true), target('with', script)], { ...options, runs: 1, warmup: 0 });
    assert.equal(readFileSync(join(temporary.path, 'probed'), 'utf8'), 'without with ');
  });

  it('makes 10 to 30 runs, depending on the noise', async () => {
    const [report] = await benchmark([target('a', 'setTimeout(() => undefined, 50)')], {
      ...options,
      runs: 'auto',
      warmup: 0,
    });
    const runs = report?.cases[0]?.samplesNs.length ?? 0;
    assert.ok(runs >= 10 && runs <= 30, `${runs}`);
    assert.equal(report?.stopped, runs < 30 ? 'precise' : 'runs');
  });

  it('reports its progress', async () => {
    const progress: string[] = [];
    await benchmark([target('a', '1')], {
      ...options,
      onProgress: ({ what, done, total }) => progress.push(`${done}/${total} ${what}`),
    });
    assert.deepEqual(progress, ['0/4 warm-up, run', '1/4 run', '2/4 run', '3/4 run', '4/4 done']);
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
    await assert.rejects(benchmark([target('a', '1')], { ...options, runs: 0 }), /at least one run/);
  });
});
