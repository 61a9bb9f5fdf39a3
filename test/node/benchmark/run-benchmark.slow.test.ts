/** Holds the measuring itself: order, number of runs, what a run without the probe is, and how it is cancelled. */
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchOptions, benchmark } from '../../../src/node/benchmark/run-benchmark.ts';
import { commandSubject, type Subject } from '../../../src/node/benchmark/target.ts';
import { folder } from '../../fixtures/pipeline.ts';

const dist = join(import.meta.dirname, '../../../dist');

describe('a benchmark', function () {
  this.timeout(120_000);
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    assert.ok(existsSync(join(dist, 'preload.cjs')), 'dist is missing: run npm run build first');
    temporary = folder();
  });
  afterEach(() => temporary.done());

  const subject = (name: string, script: string, bare = false): Subject =>
    commandSubject({ words: ['node', '-e', script], workspace: temporary.path, name, bare });
  const note = (letter: string): string => `fs.appendFileSync('order', '${letter}')`;
  const options: BenchOptions = { dist, runs: 3, warmup: 1 };

  it('runs the subjects in turns, A B B A, and says so', async () => {
    const reports = await benchmark([subject('a', note('A')), subject('b', note('B'))], options);
    assert.equal(readFileSync(join(temporary.path, 'order'), 'utf8'), 'ABBAABBA');
    assert.deepEqual(
      reports.map(({ order, cases }) => [order, cases[0]?.samplesNs.length]),
      [
        ['A B B A', 3],
        ['A B B A', 3],
      ],
    );
  });

  it('runs a bare subject without the probe, and another with it', async () => {
    const script = `fs.appendFileSync('seen', process.env.NODE_OPTIONS?.includes('preload') ? 'with ' : 'without ')`;
    await benchmark([subject('bare', script, true), subject('probed', script)], { ...options, runs: 1, warmup: 0 });
    assert.equal(readFileSync(join(temporary.path, 'seen'), 'utf8'), 'without with ');
  });

  it('makes as many runs as the noise asks for, at least ten, at most thirty', async () => {
    const [report] = await benchmark([subject('a', 'setTimeout(() => undefined, 50)')], {
      ...options,
      runs: 'auto',
      warmup: 0,
    });
    const runs = report?.cases[0]?.samplesNs.length ?? 0;
    assert.ok(runs >= 10 && runs <= 30, `${runs}`);
    assert.equal(report?.stopped, runs < 30 ? 'precise' : 'runs');
  });

  it('tells what it does, with the time that is left', async () => {
    const said: string[] = [];
    await benchmark([subject('a', '1')], {
      ...options,
      onProgress: ({ what, done, total }) => said.push(`${done}/${total} ${what}`),
    });
    assert.deepEqual(said, ['0/4 warm-up, run', '1/4 run', '2/4 run', '3/4 run', '4/4 done']);
  });

  it('ends at once when it is cancelled, with what was running', async () => {
    const end = new AbortController();
    const slow = subject('slow', `${note('x')}; setTimeout(() => fs.appendFileSync('order', 'end'), 20000)`);
    const running = benchmark([slow], {
      ...options,
      signal: end.signal,
      onProgress: () => setTimeout(() => end.abort(new Error('enough')), 700),
    });
    await assert.rejects(running, /enough/);
    assert.equal(readFileSync(join(temporary.path, 'order'), 'utf8'), 'x');
  });

  it('keeps nothing of runs that fail', async () => {
    await assert.rejects(benchmark([subject('bad', 'process.exit(3)')], options), {
      name: 'HumanError',
      message: /exit code 3/,
    });
    await assert.rejects(benchmark([subject('a', '1')], { ...options, runs: 0 }), /at least one run/);
  });
});
