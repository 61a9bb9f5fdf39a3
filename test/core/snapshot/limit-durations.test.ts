import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { componentTimes } from '../../../src/core/record/components/component-times.ts';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { limitDurations } from '../../../src/core/snapshot/limit-durations.ts';
import { averageNsOf, compareBySelfTime, sumSelfNs } from '../../../src/core/snapshot/operation-times.ts';
import type { Batch, OperationDelta } from '../../../src/protocol/batch/batch.ts';
import type { OperationState } from '../../../src/protocol/snapshot.ts';
import { assertDurations, snapshotOfBatches } from '../../fixtures/duration-rules.ts';

const ns = fc.integer({ min: 0, max: 2e9 });

const operation: fc.Arbitrary<OperationState> = fc
  .record({
    totalNs: ns,
    share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    source: fc.constantFrom('measured' as const, 'estimated' as const, 'sampled' as const),
  })
  .map(({ totalNs, share, source }) => ({
    component: 'c',
    name: 'f',
    kind: 'function' as const,
    count: 1,
    errors: 0,
    errorTypes: {},
    totalNs,
    ...(share === undefined ? {} : { selfNs: totalNs * share }),
    cacheHits: 0,
    cacheMisses: 0,
    source,
  }));

/** Calls of one operation in one batch of a guest, which are consistent in themselves. */
const delta: fc.Arbitrary<OperationDelta> = fc
  .record({
    id: fc.integer({ min: 0, max: 3 }),
    calls: fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 8 }),
    skipped: fc.integer({ min: 0, max: 5 }),
    overlap: fc.double({ min: 0.2, max: 1, noNaN: true }),
    self: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  })
  .map(({ id, calls, skipped, overlap, self }) => {
    const sumNs = calls.reduce((sum, call) => sum + call, 0);
    const count = calls.length + skipped;
    const durationsNs = (sumNs * count) / calls.length;
    const longestNs = Math.max(...calls);
    const totalNs = Math.max(longestNs, durationsNs * overlap);
    return {
      id,
      count,
      ...(skipped > 0 ? { timed: calls.length } : {}),
      errors: 0,
      totalNs,
      ...(durationsNs === totalNs ? {} : { durationsNs }),
      ...(self === undefined ? {} : { selfNs: totalNs * self }),
      minNs: Math.min(...calls),
      maxNs: longestNs,
      hits: 0,
      misses: 0,
      // Each bucket below 256 ns holds one value; longer calls are irrelevant for the order of percentiles.
      buckets: [...new Set(calls.map((call) => Math.min(call, 255)))]
        .toSorted((a, b) => a - b)
        .flatMap((bucket) => [bucket, 1]),
    };
  });

describe('durations of a snapshot', () => {
  it('are limited to the life of the program and its CPU time, measured ones last', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), ns, ns, (operations, lifeNs, cpuNs) => {
        const limited = limitDurations(operations, { lifeNs, cpuNs });
        assert.equal(limited.length, operations.length);
        if (cpuNs > 0) assert.ok(sumSelfNs(limited) <= cpuNs * (1 + 1e-9) + 1e-6);
        for (const [index, { totalNs, selfNs, source }] of limited.entries()) {
          const before = operations[index] as OperationState;
          assert.equal(selfNs === undefined, before.selfNs === undefined);
          if (selfNs !== undefined) assert.ok(selfNs <= totalNs + 1e-6 && selfNs <= (before.selfNs ?? 0));
          if (source === 'measured') assert.equal(totalNs, before.totalNs);
          else if (lifeNs > 0) assert.ok(totalNs <= lifeNs);
        }
        const measured = (states: readonly OperationState[]) => states.filter(({ source }) => source === 'measured');
        if (sumSelfNs(measured(operations)) <= cpuNs) assert.deepEqual(measured(limited), measured(operations));
      }),
    );
  });

  it('stay as they are if they are possible', () => {
    const possible = [
      { totalNs: 10, selfNs: 5, source: 'estimated' },
      { totalNs: 7, source: 'measured' },
    ] as OperationState[];
    assert.deepEqual(limitDurations(possible, { lifeNs: 10, cpuNs: 5 }), possible);
    assert.deepEqual(limitDurations(possible, { lifeNs: 10 }), possible);
  });

  it('are consistent for random batches of several threads', () => {
    const sources = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.array(delta, { maxLength: 6 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(sources, (sent) => {
        const sequences = new Map<number, number>();
        const batches = sent.map(([thread, operations]): Batch => {
          const sequence = sequences.get(thread) ?? 0;
          sequences.set(thread, sequence + 1);
          const definitions = [0, 1, 2, 3].map((id) => ({
            id,
            component: `c${id % 2}`,
            name: `f${id}`,
            kind: 'stage' as const,
          }));
          return {
            v: 1,
            source: `1.${thread}`,
            sequence,
            atNs: 0,
            cost: { events: 0, flushNs: 0 },
            ...(sequence === 0 ? { definitions } : {}),
            operations,
          };
        });
        // Long enough for all of them one after another.
        assertDurations(snapshotOfBatches(batches, 1e9), 3);
      }),
      { numRuns: 300 },
    );
  });

  it('of a component are those of its outermost operations', () => {
    const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
    const call = (id: number, totalNs: number, selfNs?: number): OperationDelta => ({
      id,
      count: 1,
      errors: 0,
      totalNs,
      ...(selfNs === undefined ? {} : { selfNs }),
      hits: 0,
      misses: 0,
      buckets: [],
    });
    const names = ['main', 'parse', 'read', 'request'] as const;
    recorder.ingest(
      {
        v: 1,
        source: '1.0',
        sequence: 0,
        atNs: 0,
        cost: { events: 0, flushNs: 0 },
        definitions: names.map((name, id) => ({ id, component: id < 3 ? 'code' : 'net', name, kind: 'stage' })),
        // `main` calls `parse`, which calls `read`; nothing is known about what a request calls.
        operations: [call(0, 100, 10), call(1, 90, 30), call(2, 60, 60), call(3, 5000)],
      },
      0,
    );
    const times = componentTimes(recorder.operations.values(), 4000);
    assert.deepEqual(
      [...times],
      [
        ['code', 100],
        ['net', 4000],
      ],
    );
  });

  it('rank functions that run before those that only wait', () => {
    const states = [
      { name: 'waits', totalNs: 900 },
      { name: 'idle', totalNs: 500, selfNs: 0 },
      { name: 'works', totalNs: 90, selfNs: 80 },
      { name: 'waits longest', totalNs: 2000 },
    ] as OperationState[];
    assert.deepEqual(
      states.toSorted(compareBySelfTime).map(({ name }) => name),
      ['works', 'idle', 'waits longest', 'waits'],
    );
  });

  it('have the mean of a call, which snapshots of earlier versions do not contain', () => {
    const meanOf = (changes: Partial<OperationState>): number | undefined =>
      averageNsOf({ totalNs: 0, count: 0, ...changes } as OperationState);
    assert.equal(meanOf({ totalNs: 900, count: 3, averageNs: 500 }), 500);
    assert.equal(meanOf({ totalNs: 900, count: 3 }), 300);
    assert.equal(meanOf({ count: 3 }), undefined, 'calls that were only counted');
    assert.equal(meanOf({ totalNs: 900 }), undefined, 'a sampled operation');
  });
});
