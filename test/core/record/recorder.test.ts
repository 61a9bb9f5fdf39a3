import { strict as assert } from 'node:assert';
import { limits, Recorder } from '../../../src/core/record/recorder.ts';
import { judge } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import type { Batch, OperationDelta } from '../../../src/protocol/event.ts';
import type { Run, Snapshot } from '../../../src/protocol/snapshot.ts';

const second = 1e9;

function newRecorder(): Recorder {
  return new Recorder({
    components: ['first', 'second'],
    unit: { component: 'first', operation: 'work' },
    wallStartMs: 1000,
    placeOf: (file) => file.replace('/w/', ''),
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
  return judge(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'live' });
}

describe('recorder', () => {
  it('adds up the deltas of several sources on one operation', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(3)] }, '1.0'), 1);
    recorder.take(batch(0, { operations: [delta(4, { minNs: 50, maxNs: 900 })] }, '2.0'), 2);
    const [operation] = snapshotOf(recorder).operations;
    assert.deepEqual([operation?.count, operation?.totalNs, operation?.minNs, operation?.maxNs], [7, 700, 50, 900]);
    assert.deepEqual([operation?.file, operation?.line], ['a.ts', 3]);
  });

  it('begins anew where another program goes on in the same process', () => {
    const recorder = newRecorder();
    const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'y', wallStartMs: 1700, recordNs: 100 };
    const definitions = [{ id: 0, component: 'second', name: 'other', kind: 'stage' as const }];
    recorder.take(batch(0, { operations: [delta(3, { active: 2 })] }), 1);
    recorder.take(batch(1, { operations: [delta(4, { active: 2 })] }), 2);
    for (let twice = 0; twice < 2; twice++) recorder.take(batch(0, { hello, definitions, operations: [delta(5)] }), 3);
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

  it('counts a batch once, and a gap as lost batches', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(1)] }), 1);
    recorder.take(batch(0, { operations: [delta(1)] }), 2);
    recorder.take(batch(4, { operations: [delta(1)] }), 3);
    const { operations, dropped } = snapshotOf(recorder);
    assert.equal(operations[0]?.count, 2);
    assert.equal(dropped.batches, 3);
  });

  it('keeps functions of the same name in two files apart, and the same stage of two threads together', () => {
    const recorder = newRecorder();
    const definitions = [
      { id: 0, component: 'c', name: 'main', kind: 'function' as const, file: '/w/a.py' },
      { id: 1, component: 'c', name: 'main', kind: 'function' as const, file: '/w/b.py' },
      { id: 2, component: 'c', name: 'step', kind: 'stage' as const, file: '/w/a.py' },
    ];
    const operations = [0, 1, 2].map((id) => delta(1, { id }));
    for (const source of ['1.0', '1.1']) recorder.take(batch(0, { definitions, operations }, source), 1);
    const told = snapshotOf(recorder).operations.map(({ name, file, count }) => `${name} ${file} ${count}`);
    assert.deepEqual(told.sort(), ['main a.py 2', 'main b.py 2', 'step a.py 2']);
  });

  it('does not add to an operation that nobody defined', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(1, { id: 99 })] }), 1);
    assert.deepEqual(snapshotOf(recorder).operations, []);
  });

  it('tells self time only where every source knew it', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(1)] }), 1);
    assert.equal(snapshotOf(recorder).operations[0]?.selfNs, 100);
    const { selfNs: _unknown, ...unaware } = delta(1);
    recorder.take(batch(1, { operations: [unaware] }), 2);
    assert.equal(snapshotOf(recorder).operations[0]?.selfNs, undefined);
  });

  it('tells what was sampled as sampled, until calls are measured', () => {
    const recorder = newRecorder();
    const samples = [{ id: 0, samples: 7, selfNs: 3e6, totalNs: 7e6 }];
    recorder.take(batch(0, { samples, samplingNs: 1e6 }), 1);
    const [sampled] = snapshotOf(recorder).operations;
    assert.deepEqual([sampled?.source, sampled?.count, sampled?.samples], ['sampled', 0, 7]);
    assert.deepEqual([sampled?.selfNs, sampled?.totalNs], [3e6, 7e6]);
    const [{ light, reason } = {}] = snapshotOf(recorder).components;
    assert.deepEqual([light, reason], ['off', 'sampled: ~3.0 ms of its own, calls are not counted']);
    recorder.take(batch(1, { operations: [delta(64, { timed: 1, buckets: [100, 1] })] }), 2);
    const [estimated] = snapshotOf(recorder).operations;
    assert.deepEqual([estimated?.source, estimated?.count, estimated?.timed], ['estimated', 64, 1]);
    assert.equal(estimated?.totalNs, 6400);
  });

  it('keeps saying that counting was given up, though later calls are counted again', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(10, { partial: true })] }), 1);
    recorder.take(batch(1, { operations: [delta(5)] }), 2);
    const [operation] = snapshotOf(recorder).operations;
    assert.deepEqual([operation?.count, operation?.partial, operation?.source], [15, true, 'estimated']);
  });

  it('tells a rate over the last ten seconds by the wall clock', () => {
    const recorder = newRecorder();
    for (let at = 0; at < 20; at++) recorder.take(batch(at, { operations: [delta(at < 10 ? 100 : 5)] }), at * second);
    const [component] = snapshotOf(recorder, 20 * second).components;
    assert.equal(component?.ratePerSecond, 5);
  });

  it('counts what was before anyone recorded in totals, but in no rate and at no time', () => {
    const recorder = newRecorder();
    const counters = [{ component: 'first', name: 'files', delta: 1000 }];
    recorder.series.advance(75 * second);
    recorder.take(batch(0, { operations: [delta(1000)], counters }), 75 * second, true);
    for (let at = 1; at < 6; at++) recorder.take(batch(at, { operations: [delta(4)] }), (74 + at) * second);
    recorder.series.advance(80 * second);
    const { components, operations, series } = snapshotOf(recorder, 80 * second);
    assert.deepEqual(
      [components[0]?.count, operations[0]?.count, components[0]?.counters],
      [1020, 1020, { files: 1000 }],
    );
    assert.equal(components[0]?.ratePerSecond, 2);
    const seen = Object.values(series).flatMap(({ metric, values }) =>
      /rate/.test(metric) ? values.filter((value) => value !== null) : [],
    );
    assert.ok(seen.some((value) => value > 0) && seen.every((value) => value < 1000), `${Math.max(...seen)}`);
  });

  it('places spans by the wall clock of their source', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(1)], spans: [{ id: 0, startNs: 5, durationNs: 7 }] }), 1);
    assert.equal(snapshotOf(recorder).spans[0]?.startNs, 500e6 + 5);
  });

  it('keeps the slowest spans and items and counts the others', () => {
    const recorder = newRecorder();
    for (let at = 0; at < 10; at++) {
      const spans = Array.from({ length: 1000 }, (_, index) => ({
        id: 0,
        startNs: index,
        durationNs: at * 1000 + index,
      }));
      const items = Array.from({ length: 1000 }, (_, index) => ({
        component: 'first',
        name: `${at} ${index}`,
        parts: { work: at * 1000 + index },
        counts: {},
      }));
      recorder.take(batch(at, { spans, items }), at);
    }
    const { spans, items, dropped } = snapshotOf(recorder);
    assert.ok(spans.length === 1000 && items.length === 500);
    assert.equal(Math.min(...spans.map(({ durationNs }) => durationNs)), 9000);
    assert.equal(items[0]?.totalNs, 9999);
    assert.equal(spans.length + dropped.spans, 10_000);
    assert.ok(dropped.items >= 8000);
  });

  it('counts the others also while it still knows them', () => {
    const recorder = newRecorder();
    const spans = Array.from({ length: 1300 }, (_, index) => ({ id: 0, startNs: index, durationNs: 1 }));
    const items = Array.from({ length: 700 }, (_, index) => {
      return { component: 'first', name: `${index}`, parts: {}, counts: {} };
    });
    recorder.take(batch(0, { spans, items }), 0);
    const { dropped, ...told } = snapshotOf(recorder);
    assert.deepEqual([told.spans.length, dropped.spans], [1000, 300]);
    assert.deepEqual([told.items.length, dropped.items], [500, 200]);
  });

  it('tells processor use from two looks at the tree', () => {
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

  it('has bounded memory whatever a guest sends', () => {
    const recorder = newRecorder();
    for (let at = 0; at < 20; at++) {
      const definitions = Array.from({ length: 1000 }, (_, index) => ({
        id: at * 1000 + index,
        component: `c${index}`,
        name: `n${at}-${index}`,
        kind: 'function' as const,
      }));
      recorder.take(batch(at, { definitions }), at);
    }
    for (let source = 0; source < 500; source++) recorder.take(batch(0, {}, `${source}.1`), 30);
    assert.ok(recorder.tallies.size <= limits.operations);
    assert.ok(recorder.components.size <= limits.components + 1);
    assert.ok(snapshotOf(recorder).operationsOmitted >= 20_000 - limits.operations);
    assert.equal(recorder.sources.processes().length, limits.sources);
    assert.equal(snapshotOf(recorder).dropped.batches, 500 + 1 - limits.sources);
  });

  it('is not changed by being judged', () => {
    const recorder = newRecorder();
    recorder.take(batch(0, { operations: [delta(3)] }), 1);
    assert.deepEqual(snapshotOf(recorder), snapshotOf(recorder));
    assert.equal(recorder.changes, 1);
  });
});
