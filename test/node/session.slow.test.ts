import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HumanError } from '../../src/core/human-error.ts';
import type { Session } from '../../src/node/session.ts';
import { isAlive } from '../../src/process/process-tree.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import { createPipeline, createSession, createTemporaryFolder } from '../fixtures/pipeline.ts';
import { until } from '../fixtures/wait.ts';

function findOperation(snapshot: Snapshot | undefined, name: string) {
  return snapshot?.operations.find((operation) => operation.name === name);
}

describe('Session', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let session: Session;
  let log: string[];
  beforeEach(() => {
    temporary = createTemporaryFolder();
    ({ session, log } = createSession(temporary.path));
  });
  afterEach(async () => {
    await session.stop();
    session.dispose();
    temporary.done();
  });
  const run = (id: string) => session.run(createPipeline(id), temporary.path);

  it('records exactly what a pipeline reports', async () => {
    const { run: endedRun, ...snapshot } = await run('ok');
    assert.equal(endedRun.result, 'success');
    const work = snapshot.operations.find(({ name }) => name === 'work');
    assert.deepEqual([work?.count, work?.errors, work?.totalNs], [400, 2, 400e6]);
    assert.deepEqual(work?.errorTypes, { syntax_error: 2 });
    assert.ok(Math.abs((work?.p50Ns ?? 0) - 1e6) / 1e6 < 0.01);
    const lookup = snapshot.operations.find(({ name }) => name === 'lookup');
    assert.deepEqual([lookup?.cacheHits, lookup?.cacheMisses], [296, 104]);
    assert.deepEqual(snapshot.components.find(({ name }) => name === 'worker')?.counters, { files: 400 });
    assert.deepEqual(snapshot.components.find(({ name }) => name === 'store')?.gauges, {
      depth: { value: 3, unit: '1' },
    });
    assert.deepEqual(snapshot.items[0]?.counts, { calls: 7 });
    assert.ok(snapshot.spans.some(({ name, attributes }) => name === 'pause' && attributes?.['step'] === 7));
    assert.deepEqual(snapshot.dropped, { spans: 0, items: 0, batches: 0, calls: 0, values: 0 });
    assert.equal(work?.file?.endsWith('ok.js'), true);
    assert.equal(work?.line, 4);
  });

  it('publishes snapshots with growing counts during the run', async () => {
    const counts: number[] = [];
    const lengths: number[] = [];
    session.onChange(() => {
      if (session.phase !== 'running' || !session.snapshot) return;
      counts.push(findOperation(session.snapshot, 'work')?.count ?? 0);
      lengths.push(session.snapshot.series['counter.rate{files}']?.values.length ?? 0);
    });
    await run('ok');
    const live = [...new Set(counts)].filter((count) => count > 0 && count < 400);
    assert.ok(live.length >= 1, `counts: ${counts.join(' ')}`);
    assert.ok(counts.every((count, index) => count >= (counts[index - 1] ?? 0)));
    assert.ok((lengths.at(-1) ?? 0) >= 2);
  });

  it('measures the process tree from outside', async () => {
    const { resources, series } = await run('silent');
    assert.equal(resources.scope, 'tree');
    const { peakRssBytes = 0, cpuNs = 0 } = resources;
    assert.ok(peakRssBytes > 20e6, `${peakRssBytes}`);
    assert.ok(cpuNs > 300e6, `${cpuNs}`);
    assert.ok((series['process.cpu']?.values ?? []).some((value) => value !== null && value > 0.05));
  });

  it('reports the overhead of profiling', async () => {
    const { overhead } = await run('ok');
    assert.ok(overhead.events >= 8 && overhead.recordNs > 0 && overhead.flushNs > 0 && overhead.hostNs > 0);
    assert.ok(overhead.percent > 0 && overhead.percent < 50);
  });

  const failures: readonly [string, string, RegExp][] = [
    ['crash', 'failure', /RangeError: the pipe burst/],
    ['exit', 'failure', /exit code 3: disk is full/],
  ];
  for (const [id, result, message] of failures) {
    it(`explains the failure of the ${id} pipeline and keeps its data`, async () => {
      const snapshot = await run(id);
      assert.equal(snapshot.run.result, result);
      assert.match(snapshot.run.message ?? '', message);
      assert.match(snapshot.run.message ?? '', /is kept/);
      assert.equal(findOperation(snapshot, 'work')?.count, 1);
      assert.equal(session.phase, 'failed');
      assert.equal(session.problem, snapshot.run.message);
    });
  }

  it('ends every descendant when stopped, even if they ignore SIGTERM', async () => {
    const running = run('hang');
    const pidFile = join(temporary.path, 'pids');
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').split(' ').length === 3);
    const pids = readFileSync(pidFile, 'utf8').split(' ').map(Number);
    assert.ok(pids.every(isAlive), 'a process ended before the stop');
    await session.stop();
    const snapshot = await running;
    assert.deepEqual(pids.filter(isAlive), []);
    assert.equal(snapshot.run.result, 'cancellation');
    assert.equal(findOperation(snapshot, 'work')?.count, 1);
    assert.equal(session.phase, 'idle');
  });

  it('logs only the beginning of megabytes of output', async () => {
    const snapshot = await run('chatty');
    assert.equal(snapshot.run.result, 'success');
    const loggedLength = log.join('').length;
    assert.ok(loggedLength > 1000 && loggedLength < 200_000, `${loggedLength}`);
    assert.ok(log.some((line) => /further output is not logged/.test(line)));
  });

  it('counts malformed batches, logs the first one and continues', async () => {
    const snapshot = await run('malformed');
    assert.deepEqual([snapshot.dropped.batches, snapshot.dropped.spans], [3, 30_000]);
    assert.equal(log.filter((line) => /malformed or oversized/.test(line)).length, 1);
    assert.equal(findOperation(snapshot, 'work')?.count, 1);
  });

  it('freezes the snapshot while paused and continues to record', async () => {
    const running = run('steady');
    await until(() => (findOperation(session.snapshot, 'work')?.count ?? 0) > 0);
    session.pause();
    const frozen = session.snapshot;
    const count = findOperation(frozen, 'work')?.count ?? 0;
    await until(() => (findOperation(session.exportSnapshot(), 'work')?.count ?? 0) > count + 20);
    assert.equal(session.snapshot, frozen);
    session.resume();
    assert.ok((findOperation(session.snapshot, 'work')?.count ?? 0) > count + 20);
    await session.stop();
    const snapshot = await running;
    assert.equal(snapshot.run.result, 'cancellation');
    assert.equal(snapshot.run.exitCode, 0);
  });

  it('rejects a second run while one is in progress', async () => {
    const running = run('ok');
    await assert.rejects(run('ok'), /already running/);
    await running;
  });

  it('rejects a missing folder and an incomplete installation', async () => {
    const missing = join(temporary.path, 'gone');
    await assert.rejects(session.run(createPipeline('ok'), missing), HumanError);
    await assert.rejects(run('nowhere'), /installation is incomplete/);
    assert.equal(session.phase, 'failed');
  });

  it('exports all operations with histograms', async () => {
    assert.throws(() => session.exportSnapshot(), /No data to export/);
    await run('ok');
    const exported = session.exportSnapshot();
    assert.ok(exported.operations.every(({ histogram }) => typeof histogram === 'string'));
    assert.ok(exported.operations.length >= 3);
  });
});
