import { strict as assert } from 'node:assert';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { Recording } from '../../../src/node/run/recording.ts';
import { createPipeline, createTemporaryFolder } from '../../fixtures/pipeline.ts';

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;
const hello = { pid: 7, threadId: 0, runtime: 'node 24', name: 'job.js', wallStartMs: Date.now(), recordNs: 50 };

function message(changes: object = {}): object {
  return {
    v: 1,
    source: '7.0',
    sequence: 0,
    atNs: 1,
    hello,
    definitions: [{ id: 0, component: 'worker', name: 'work', kind: 'stage' }],
    operations: [{ id: 0, count: 4, errors: 0, totalNs: 40, hits: 0, misses: 0, buckets: [10, 4] }],
    cost: { events: 4, flushNs: 1 },
    ...changes,
  };
}

describe('Recording', () => {
  const temporary = createTemporaryFolder();
  after(temporary.done);

  function record(wallStartMs?: number): { recording: Recording; log: string[] } {
    const log: string[] = [];
    const run = { id: 'r', pipeline: 'p', title: 'P', workspace: temporary.path };
    return { recording: new Recording(createPipeline('p'), run, (line) => log.push(line), wallStartMs), log };
  }

  const snapshotOf = (recording: Recording) => recording.snapshot(defaultThresholds, 'live');

  it('records the valid part of a batch and counts the rest', () => {
    const { recording, log } = record();
    recording.ingest(message({ gauges: [{ component: 'worker', name: 'g', value: true, unit: '1' }] }));
    const { operations, dropped, notices } = snapshotOf(recording);
    assert.deepEqual(
      operations.map(({ name, count }) => [name, count]),
      [['work', 4]],
    );
    assert.deepEqual(dropped, { spans: 0, items: 0, batches: 0, calls: 0, values: 1 });
    assert.deepEqual([notices, log], [[], []]);
  });

  it('counts the calls of a message that is not a batch and says once that it was ignored', () => {
    const { recording, log } = record();
    for (let times = 0; times < 3; times++) recording.ingest(message({ v: 2 }));
    const { dropped, notices } = snapshotOf(recording);
    assert.deepEqual([dropped.batches, dropped.calls], [3, 12]);
    assert.deepEqual(notices, ['Received a malformed or oversized batch, which was ignored.']);
    assert.equal(log.length, 1);
  });

  it('counts what others report as lost', () => {
    const { recording } = record();
    recording.reportRejected('a lost batch', 2, { calls: 5, values: 1 });
    const { dropped } = snapshotOf(recording);
    assert.deepEqual([dropped.batches, dropped.calls, dropped.values], [2, 5, 1]);
  });

  const clocks: readonly [what: string, shiftMs: number][] = [
    ['set back by an hour', hourMs],
    ['set ahead by an hour', -hourMs],
    ['set ahead by twenty years', -20 * yearMs],
    ['set back to 1970', yearMs * 50],
  ];
  for (const [what, shiftMs] of clocks) {
    it(`has a plausible duration although the clock was ${what} between two windows`, () => {
      const { recording } = record(Date.now() + shiftMs);
      recording.setElapsed(60_000);
      recording.ingest(message(), true);
      recording.ingest(message({ sequence: 1, spans: [{ id: 0, startNs: 5, durationNs: 5 }] }));
      const snapshot = snapshotOf(recording);
      const isInRun = (ns: number): boolean => ns >= 0 && ns < 600e9;
      assert.ok(isInRun(snapshot.run.durationNs) && snapshot.run.durationNs >= 60e9);
      assert.ok(snapshot.spans.length === 1 && snapshot.spans.every(({ startNs }) => isInRun(startNs)));
      assert.equal(recording.finish({ exitCode: 0, stderr: '', stopped: false }).result, 'success');
    });
  }

  it('never has a negative duration, even if nobody knows how long the run takes', () => {
    const { recording } = record(Date.now() + hourMs);
    recording.ingest(message());
    const { run, components } = snapshotOf(recording);
    assert.ok(run.durationNs >= 0);
    assert.ok(components.every(({ ratePerSecond }) => ratePerSecond >= 0 && Number.isFinite(ratePerSecond)));
  });

  it('says at the end which probes have not sent their last report', () => {
    const unfinished = (changes: object, end: object): readonly string[] => {
      const { recording } = record();
      recording.ingest(message(changes));
      recording.ingest(message({ ...changes, sequence: 1, ...end }));
      recording.finish({ signal: 'SIGKILL', stderr: '', stopped: false });
      return snapshotOf(recording).notices;
    };
    assert.match(unfinished({}, {})[0] ?? '', /^Without a last report from job\.js \(process 7\): /);
    assert.deepEqual(unfinished({}, { bye: { reason: 'end' } }), []);
    // Programs that report their own data need not say that they end.
    assert.deepEqual(unfinished({ hello: { ...hello, recordNs: 0 } }, {}), []);
    assert.deepEqual(unfinished({ source: 'otlp' }, {}), []);
  });
});
