import { strict as assert } from 'node:assert';
import { limits, Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import type { Batch, OperationDelta } from '../../../src/protocol/batch/batch.ts';
import type { Run, Snapshot } from '../../../src/protocol/snapshot.ts';

const second = 1e9;

function newRecorder(): Recorder {
  return new Recorder({
    components: ['first', 'second'],
    unit: { component: 'first', operation: 'work' },
    wallStartMs: 1000,
    displayPathOf: (file) => file.replace('/w/', ''),
  });
}

function batch(sequence: number, changes: Partial<Batch> = {}, source = '1.0'): Batch {
  const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 1500, recordNs: 100 };
  return {
    v: 1,
    source,
    sequence,
    atNs: 0,
    cost: { events: 0, flushNs: 0 },
    ...(sequence === 0
      ? { hello, definitions: [{ id: 0, component: 'first', name: 'work', kind: 'stage', file: '/w/a.ts', line: 3 }] }
      : {}),
    ...changes,
  };
}

function delta(count: number, changes: Partial<OperationDelta> = {}): OperationDelta {
  const totalNs = count * 100;
  return {
    id: 0,
    count,
    errors: 0,
    totalNs,
    selfNs: totalNs,
    minNs: 100,
    maxNs: 100,
    hits: 0,
    misses: 0,
    buckets: [100, count],
    ...changes,
  };
}

function snapshotOf(recorder: Recorder, durationNs = second, result: Run['result'] = 'running'): Snapshot {
  const run: Run = {
    id: 'r',
    pipeline: 'p',
    title: 'P',
    workspace: '/w',
    startedAt: '',
    durationNs,
    result,
    unit: { component: 'first', operation: 'work', noun: 'files' },
  };
  return buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'live' });
}

describe('recorder', () => {
  it('sums the deltas of several sources for one operation', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(3)] }, '1.0'), 1);
    recorder.ingest(batch(0, { operations: [delta(4, { minNs: 50, maxNs: 900 })] }, '2.0'), 2);
    const [operation] = snapshotOf(recorder).operations;
    assert.deepEqual([operation?.count, operation?.totalNs, operation?.minNs, operation?.maxNs], [7, 700, 50, 900]);
    assert.deepEqual([operation?.file, operation?.line], ['a.ts', 3]);
  });

  it('starts a new source if another program runs in the same process', () => {
    const recorder = newRecorder();
    const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'y', wallStartMs: 1700, recordNs: 100 };
    const definitions = [{ id: 0, component: 'second', name: 'other', kind: 'stage' as const }];
    recorder.ingest(batch(0, { operations: [delta(3, { active: 2 })] }), 1);
    recorder.ingest(batch(1, { operations: [delta(4, { active: 2 })] }), 2);
    for (let twice = 0; twice < 2; twice++)
      recorder.ingest(batch(0, { hello, definitions, operations: [delta(5)] }), 3);
    const { operations, dropped, processes, components } = snapshotOf(recorder);
    assert.deepEqual(Object.fromEntries(operations.map(({ name, count }) => [name, count])), { work: 7, other: 5 });
    assert.equal(dropped.batches, 0);
    assert.deepEqual(
      processes.map(({ name, calls, ended }) => [name, calls, ended]),
      [
        ['x', 7, true],
        ['y', 5, false],
      ],
    );
    assert.ok(components.every(({ active }) => active === 0));
  });

  it('ignores repeated batches and counts a gap as lost batches', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(1)] }), 1);
    recorder.ingest(batch(0, { operations: [delta(1)] }), 2);
    recorder.ingest(batch(4, { operations: [delta(1)] }), 3);
    const { operations, dropped } = snapshotOf(recorder);
    assert.equal(operations[0]?.count, 2);
    assert.equal(dropped.batches, 3);
  });

  it('separates functions with the same name in two files and merges the same stage of two threads', () => {
    const recorder = newRecorder();
    const definitions = [
      { id: 0, component: 'c', name: 'main', kind: 'function' as const, file: '/w/a.py' },
      { id: 1, component: 'c', name: 'main', kind: 'function' as const, file: '/w/b.py' },
      { id: 2, component: 'c', name: 'step', kind: 'stage' as const, file: '/w/a.py' },
    ];
    const operations = [0, 1, 2].map((id) => delta(1, { id }));
    for (const source of ['1.0', '1.1']) recorder.ingest(batch(0, { definitions, operations }, source), 1);
    const listed = snapshotOf(recorder).operations.map(({ name, file, count }) => `${name} ${file} ${count}`);
    assert.deepEqual(listed.sort(), ['main a.py 2', 'main b.py 2', 'step a.py 2']);
  });

  it('ignores deltas of an undefined operation', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(1, { id: 99 })] }), 1);
    assert.deepEqual(snapshotOf(recorder).operations, []);
  });

  it('reports self time only if every delta has it', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(1)] }), 1);
    assert.equal(snapshotOf(recorder).operations[0]?.selfNs, 100);
    const { selfNs: _, ...withoutSelf } = delta(1);
    recorder.ingest(batch(1, { operations: [withoutSelf] }), 2);
    assert.equal(snapshotOf(recorder).operations[0]?.selfNs, undefined);
  });

  it('marks an operation as sampled until calls are measured', () => {
    const recorder = newRecorder();
    const samples = [{ id: 0, samples: 7, selfNs: 3e6, totalNs: 7e6 }];
    recorder.ingest(batch(0, { samples, samplingNs: 1e6 }), 1);
    const [sampled] = snapshotOf(recorder).operations;
    assert.deepEqual([sampled?.source, sampled?.count, sampled?.samples], ['sampled', 0, 7]);
    assert.deepEqual([sampled?.selfNs, sampled?.totalNs], [3e6, 7e6]);
    const [{ light, reason } = {}] = snapshotOf(recorder).components;
    assert.deepEqual([light, reason], ['off', 'sampled: ~3.0 ms self time, calls are not counted']);
    recorder.ingest(batch(1, { operations: [delta(64, { timed: 1, buckets: [100, 1] })] }), 2);
    const [estimated] = snapshotOf(recorder).operations;
    assert.deepEqual([estimated?.source, estimated?.count, estimated?.timed], ['estimated', 64, 1]);
    assert.equal(estimated?.totalNs, 6400);
  });

  it('keeps an operation partial, even if later calls are counted again', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(10, { partial: true })] }), 1);
    recorder.ingest(batch(1, { operations: [delta(5)] }), 2);
    const [operation] = snapshotOf(recorder).operations;
    assert.deepEqual([operation?.count, operation?.partial, operation?.source], [15, true, 'estimated']);
  });

  it('computes a rate over the last ten seconds of wall time', () => {
    const recorder = newRecorder();
    for (let index = 0; index < 20; index++)
      recorder.ingest(batch(index, { operations: [delta(index < 10 ? 100 : 5)] }), index * second);
    const [component] = snapshotOf(recorder, 20 * second).components;
    assert.equal(component?.ratePerSecond, 5);
  });

  it('counts calls from before the host connected in totals, but in no rate or series', () => {
    const recorder = newRecorder();
    const counters = [{ component: 'first', name: 'files', delta: 1000 }];
    recorder.series.advance(75 * second);
    recorder.ingest(batch(0, { operations: [delta(1000)], counters }), 75 * second, true);
    for (let index = 1; index < 6; index++)
      recorder.ingest(batch(index, { operations: [delta(4)] }), (74 + index) * second);
    recorder.series.advance(80 * second);
    const { components, operations, series } = snapshotOf(recorder, 80 * second);
    assert.deepEqual(
      [components[0]?.count, operations[0]?.count, components[0]?.counters],
      [1020, 1020, { files: 1000 }],
    );
    assert.equal(components[0]?.ratePerSecond, 2);
    const rates = Object.values(series).flatMap(({ metric, values }) =>
      /rate/.test(metric) ? values.filter((value) => value !== null) : [],
    );
    assert.ok(rates.some((value) => value > 0) && rates.every((value) => value < 1000), `${Math.max(...rates)}`);
  });

  it('places spans by the wall clock of their source', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(1)], spans: [{ id: 0, startNs: 5, durationNs: 7 }] }), 1);
    assert.equal(snapshotOf(recorder).spans[0]?.startNs, 500e6 + 5);
  });

  it('keeps the slowest spans and items and counts the others', () => {
    const recorder = newRecorder();
    for (let round = 0; round < 10; round++) {
      const spans = Array.from({ length: 1000 }, (_, index) => ({
        id: 0,
        startNs: index,
        durationNs: round * 1000 + index,
      }));
      const items = Array.from({ length: 1000 }, (_, index) => ({
        component: 'first',
        name: `${round} ${index}`,
        parts: { work: round * 1000 + index },
        counts: {},
      }));
      recorder.ingest(batch(round, { spans, items }), round);
    }
    const { spans, items, dropped } = snapshotOf(recorder);
    assert.ok(spans.length === 1000 && items.length === 500);
    assert.equal(Math.min(...spans.map(({ durationNs }) => durationNs)), 9000);
    assert.equal(items[0]?.totalNs, 9999);
    assert.equal(spans.length + dropped.spans, 10_000);
    assert.ok(dropped.items >= 8000);
  });

  it('counts omitted spans and items as dropped before it discards them', () => {
    const recorder = newRecorder();
    const spans = Array.from({ length: 1300 }, (_, index) => ({ id: 0, startNs: index, durationNs: 1 }));
    const items = Array.from({ length: 700 }, (_, index) => {
      return { component: 'first', name: `${index}`, parts: {}, counts: {} };
    });
    recorder.ingest(batch(0, { spans, items }), 0);
    const snapshot = snapshotOf(recorder);
    assert.deepEqual([snapshot.spans.length, snapshot.dropped.spans], [1000, 300]);
    assert.deepEqual([snapshot.items.length, snapshot.dropped.items], [500, 200]);
  });

  it('computes CPU use from two samples of the process tree', () => {
    const recorder = newRecorder();
    recorder.sampleTree({ rssBytes: 5, cpuNs: 1 * second, processes: 2, readBytes: 100 }, 1 * second);
    recorder.sampleTree({ rssBytes: 9, cpuNs: 2.5 * second, processes: 3, readBytes: 300 }, 2 * second);
    recorder.sampleTree({ rssBytes: 4, cpuNs: 2 * second, processes: 1 }, 3 * second);
    const { resources } = snapshotOf(recorder);
    assert.equal(resources.cpuRatio, 0);
    assert.equal(resources.peakRssBytes, 9);
    assert.equal(resources.cpuNs, 2.5 * second);
    assert.equal(resources.readBytes, 300);
    assert.equal(resources.threads, undefined);
  });

  it('has bounded memory, whatever a guest sends', () => {
    const recorder = newRecorder();
    for (let round = 0; round < 30; round++) {
      const definitions = Array.from({ length: 1000 }, (_, index) => ({
        id: round * 1000 + index,
        component: `c${index}`,
        name: `n${round}-${index}`,
        kind: 'function' as const,
      }));
      recorder.ingest(batch(round, { definitions }), round);
    }
    for (let source = 0; source < limits.sources + 500; source++) recorder.ingest(batch(0, {}, `${source}.1`), 30);
    assert.ok(recorder.operations.size <= limits.operations);
    assert.ok(recorder.components.size <= limits.components + 1);
    assert.ok(snapshotOf(recorder).operationsOmitted >= 30_000 - limits.operations);
    assert.equal(recorder.sources.processes().length, limits.sources);
    assert.equal(snapshotOf(recorder).dropped.batches, 501);
  });

  it('gives the place of an ended source to a new one and keeps its totals', () => {
    const recorder = newRecorder();
    const sources = 2 * limits.sources;
    for (let source = 0; source < sources; source++) {
      const hello = { pid: source, threadId: 0, runtime: 'node', name: `${source}`, wallStartMs: 1500, recordNs: 100 };
      const last = batch(1, { operations: [delta(2)], bye: { reason: 'end' } }, `${source}.0`);
      recorder.ingest(batch(0, { hello, operations: [delta(1, { active: 3 })] }, `${source}.0`), source);
      recorder.ingest(last, source);
      // A reconnect repeats the last batch, even if the source has made room since then.
      recorder.ingest(last, source);
    }
    recorder.ingest(batch(1, { operations: [delta(2)], bye: { reason: 'end' } }, '0.0'), sources);
    const { operations, dropped, processes, components } = snapshotOf(recorder);
    assert.equal(operations[0]?.count, 3 * sources);
    assert.deepEqual([dropped.calls, dropped.batches, components[0]?.active], [0, 0, 0]);
    assert.equal(processes.length, limits.sources + 1);
    assert.equal(
      processes.reduce((sum, { calls }) => sum + calls, 0),
      3 * sources,
    );
    assert.equal(processes.at(-1)?.name, '1,000 earlier processes and threads');
  });

  it('gives the place of a silent source to a new one, but not that of a busy one', () => {
    const recorder = newRecorder();
    for (let source = 0; source < limits.sources; source++) recorder.ingest(batch(0, {}, `${source}.0`), 0);
    recorder.ingest(batch(0, { operations: [delta(1)] }, 'early'), 1 * second);
    assert.equal(snapshotOf(recorder).dropped.calls, 1);
    recorder.ingest(batch(1, {}, '0.0'), 9 * second);
    recorder.ingest(batch(0, { operations: [delta(1)] }, 'late'), 10 * second);
    recorder.ingest(batch(2, { operations: [delta(1)] }, '0.0'), 10 * second);
    // A source that was silent may speak again, but what its numbers mean is forgotten.
    recorder.ingest(batch(1, { operations: [delta(5)] }, '1.0'), 10 * second);
    const { operations, dropped } = snapshotOf(recorder);
    assert.deepEqual([operations[0]?.count, dropped.calls], [2, 6]);
  });

  it('keeps places for the components of a program, however many packages it uses', () => {
    const recorder = newRecorder();
    const names = [
      ...Array.from({ length: 200 }, (_, index) => `node_modules/package${index}`),
      ...Array.from({ length: 60 }, (_, index) => `src/folder${index}`),
    ];
    const definitions = names.map((component, id) => ({ id, component, name: 'f', kind: 'function' as const }));
    recorder.ingest(batch(0, { definitions, operations: names.map((_, id) => delta(1, { id })) }), 1);
    const components = snapshotOf(recorder).components.filter(({ count }) => count > 0);
    assert.equal(components.filter(({ name }) => name.startsWith('src/')).length, 60);
    assert.equal(components.find(({ name }) => name === 'node_modules/(other packages)')?.count, 200 - limits.packages);
    assert.ok(!components.some(({ name }) => name === 'other'));
  });

  it('limits percentiles to the range of the calls', () => {
    const recorder = newRecorder();
    const hours = 3600 * second;
    const longCall = { minNs: 40 * hours, maxNs: 40 * hours, totalNs: 40 * hours };
    // A guest of an earlier version puts everything beyond an hour into one bucket.
    recorder.ingest(batch(0, { operations: [delta(1, { ...longCall, buckets: [4561, 1] })] }), 1);
    const [operation] = snapshotOf(recorder).operations;
    assert.deepEqual([operation?.p50Ns, operation?.p99Ns], [40 * hours, 40 * hours]);
    assert.equal(snapshotOf(recorder).components[0]?.p50Ns, 40 * hours);
  });

  it('places a span by its arrival if the wall clock was set in between', () => {
    for (const shiftMs of [-3_600_000, 3_600_000]) {
      const recorder = newRecorder();
      const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 1000 + shiftMs, recordNs: 100 };
      const spans = [{ id: 0, startNs: 2 * second, durationNs: second }];
      recorder.ingest(batch(0, { hello, spans, atNs: 3 * second }), 60 * second);
      assert.equal(snapshotOf(recorder).spans[0]?.startNs, 59 * second);
    }
  });

  it('keeps the same time for a snapshot after a pause of ten minutes with many operations', () => {
    const recorder = newRecorder();
    const ids = Array.from({ length: 1000 }, (_, id) => id);
    const definitions = ids.map((id) => ({ id, component: `c${id % 20}`, name: `f${id}`, kind: 'function' as const }));
    for (let beat = 0; beat < 10 * 60 * 4; beat += 20) {
      const operations = ids.map((id) => delta(1, { id }));
      recorder.ingest(batch(beat / 20, { ...(beat === 0 ? { definitions } : {}), operations }), beat * 0.25 * second);
    }
    const startMs = performance.now();
    recorder.series.advance(600 * second);
    const { components, series } = snapshotOf(recorder, 600 * second);
    // With a mark per change, this took more than ten seconds.
    assert.ok(performance.now() - startMs < 2000);
    assert.equal(components.find(({ name }) => name === 'c1')?.ratePerSecond, 10);
    // What happened during the pause is at its time.
    const rates = series['operation.rate{c1}']?.values ?? [];
    assert.deepEqual([...new Set(rates)], [200, 0]);
  });

  it('takes up each notice once', () => {
    const recorder = newRecorder();
    for (let sequence = 0; sequence < 3; sequence++)
      recorder.ingest(batch(sequence, { notices: ['No function matches a.js:b.', `${sequence}`] }), 1);
    assert.deepEqual(snapshotOf(recorder).notices, ['No function matches a.js:b.', '0', '1', '2']);
  });

  it('keeps totals finite, whatever a guest sends', () => {
    const recorder = newRecorder();
    for (let sequence = 0; sequence < 3; sequence++) {
      const operations = [delta(1, { totalNs: Number.MAX_VALUE, selfNs: Number.MAX_VALUE, cpuNs: Number.MAX_VALUE })];
      const counters = [{ component: 'first', name: 'n', delta: Number.MAX_VALUE }];
      recorder.ingest(batch(sequence, { operations, counters }), 1);
    }
    const { operations, components } = snapshotOf(recorder);
    assert.deepEqual(JSON.parse(JSON.stringify([operations, components])), [operations, components]);
  });

  it('is not changed by building a snapshot', () => {
    const recorder = newRecorder();
    recorder.ingest(batch(0, { operations: [delta(3)] }), 1);
    assert.deepEqual(snapshotOf(recorder), snapshotOf(recorder));
    assert.equal(recorder.changes, 1);
  });
});
