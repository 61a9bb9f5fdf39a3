/** Checks that a program with many short workers does not wait for a profile of each, and that what is missed is reported. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { createProgramFolder, operationsIn, runProfiled } from '../profiled-program.ts';
import { hasStacks } from '../stack-times.ts';

const program = `const { Worker, isMainThread, workerData } = require('node:worker_threads');
function shortWork(x) { return x + 1; }
function longWork() { const until = performance.now() + 900; let sum = 0; while (performance.now() < until) for (let i = 0; i < 999; i++) sum += i; return sum; }
const start = (name) => new Promise((done) => new Worker(__filename, { workerData: name }).on('exit', done));
if (workerData === 'short') for (let i = 0; i < 100; i++) shortWork(i);
else if (workerData === 'long') longWork();
else (async () => { for (let i = 0; i < 24; i++) await start('short'); await start('long'); })();
`;

describe('a program with many workers', function () {
  this.timeout(60_000);

  it('counts all calls, profiles the first workers and those that run for long in fine mode, and says so', async () => {
    const cwd = createProgramFolder({ 'main.cjs': program });
    const { status, stderr, batches, errors } = await runProfiled(['main.cjs'], {
      cwd,
      config: { hasFineSampling: true, exact: [{ file: join(cwd, 'main.cjs'), name: 'shortWork' }] },
    });
    assert.deepEqual([status, stderr, errors], [0, '', []]);
    const operations = operationsIn(batches);
    const calls = operations.filter(({ name }) => name === 'shortWork').reduce((sum, { count }) => sum + count, 0);
    assert.equal(calls, 2400);
    const threadsOf = (isSampled: boolean): number[] => {
      const sampled = new Set(batches.filter(hasStacks).map(({ source }) => source));
      return [...new Set(batches.map(({ source }) => source))]
        .filter((source) => sampled.has(source) === isSampled)
        .map((source) => Number(source.split('.')[1]));
    };
    // Thread 1 is the sampler; 2 to 17 are the first 16 workers.
    assert.ok(Math.min(...threadsOf(false)) > 17, `not sampled: ${threadsOf(false)}`);
    assert.equal(threadsOf(false).length, 8);
    const long = operations.find(({ name, selfNs }) => name === 'longWork' && selfNs > 0);
    assert.ok(long && long.selfNs > 200e6, `${long?.selfNs}`);
    const notices = batches.flatMap((batch) => batch.notices ?? []);
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /Worker threads beyond the first 16/);
  });

  it('reports every worker and samples those that run for long, whatever their number', async () => {
    const cwd = createProgramFolder({ 'main.cjs': program });
    const { status, stderr, batches, errors } = await runProfiled(['main.cjs'], { cwd });
    assert.deepEqual([status, stderr, errors], [0, '', []]);
    const sources = new Set(batches.map(({ source }) => source));
    // The main thread, 24 short workers and a long one.
    assert.equal(sources.size, 26);
    for (const source of sources)
      assert.ok(
        batches.some((batch) => batch.source === source && batch.bye),
        `${source} has ended`,
      );
    const long = operationsIn(batches).find(({ name, selfNs }) => name === 'longWork' && selfNs > 0);
    assert.ok(long && long.selfNs > 200e6 && long.samples > 10, `${long?.selfNs}`);
    const workerNs = batches
      .filter(({ source }) => !source.endsWith('.0'))
      .flatMap(({ stackSamples = [] }) => stackSamples.map(([, , cpuNs]) => cpuNs))
      .reduce((sum, cpuNs) => sum + cpuNs, 0);
    assert.ok(workerNs > long.selfNs, 'the time of the short workers counts too');
    assert.deepEqual(
      batches.flatMap((batch) => batch.notices ?? []),
      [],
    );
  });
});
