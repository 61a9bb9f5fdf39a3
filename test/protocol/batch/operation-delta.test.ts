/** Checks that batches have one sum, however and wherever they are added up. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { SourceStore } from '../../../src/keeper/source-store.ts';
import { type Batch, isBatch, type OperationDelta, type SampleDelta } from '../../../src/protocol/batch/batch.ts';
import { bucketCount } from '../../../src/protocol/batch/buckets.ts';
import { addDelta, OperationSum, toDelta } from '../../../src/protocol/batch/operation-delta.ts';
import { SourceTotals } from '../../../src/protocol/batch/source-totals.ts';

const amount = fc.integer({ min: 0, max: 1e9 });
const count = fc.integer({ min: 0, max: 1000 });
const bucketPairs = fc
  .array(fc.tuple(fc.integer({ min: 0, max: bucketCount - 1 }), fc.integer({ min: 1, max: 100 })), { maxLength: 5 })
  .map((pairs) => pairs.flat());

/** Any delta that a guest may send: every optional property may be absent, and calls may be zero. */
const delta: fc.Arbitrary<OperationDelta> = fc
  .record(
    {
      id: fc.integer({ min: 0, max: 1 }),
      count,
      errors: count,
      totalNs: amount,
      hits: count,
      misses: count,
      buckets: bucketPairs,
      partial: fc.constant(true as const),
      timed: count,
      cpuNs: amount,
      selfNs: amount,
      minNs: amount,
      maxNs: amount,
      active: count,
      errorTypes: fc.dictionary(fc.constantFrom('timeout', 'syntax', 'refused'), count),
    },
    { requiredKeys: ['id', 'count', 'errors', 'totalNs', 'hits', 'misses', 'buckets'] },
  )
  .map(({ minNs, maxNs, timed, ...rest }) => ({
    ...rest,
    ...(timed === undefined ? {} : { timed: Math.min(timed, rest.count) }),
    ...(minNs === undefined || maxNs === undefined
      ? {}
      : { minNs: Math.min(minNs, maxNs), maxNs: Math.max(minNs, maxNs) }),
  }));

const samples: fc.Arbitrary<SampleDelta> = fc.record({
  id: fc.integer({ min: 0, max: 1 }),
  samples: count,
  selfNs: amount,
  totalNs: amount,
});

const batches: fc.Arbitrary<Batch[]> = fc
  .array(fc.record({ operations: fc.array(delta, { maxLength: 4 }), samples: fc.array(samples, { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((list) => list.map((changes, sequence) => ({ ...emptyBatch(sequence), ...changes })));

function emptyBatch(sequence: number): Batch {
  const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 1, recordNs: 1 };
  const definitions = [0, 1].map((id) => ({ id, component: 'c', name: `f${id}`, kind: 'function' as const }));
  return {
    v: 1,
    source: '1.0',
    sequence,
    atNs: sequence,
    ...(sequence === 0 ? { hello, definitions } : {}),
    cost: { events: 0, flushNs: 0 },
  };
}

function sumOf(deltas: readonly OperationDelta[]): OperationSum {
  const sum = new OperationSum();
  for (const each of deltas) addDelta(sum, each);
  return sum;
}

/** Returns the operations and components of a snapshot after these batches, without rates. */
function recordedTotals(received: readonly Batch[]): unknown {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  for (const batch of received) {
    assert.ok(isBatch(JSON.parse(JSON.stringify(batch))));
    recorder.ingest(batch, 1);
  }
  const run = {
    id: 'r',
    pipeline: 'p',
    title: '',
    workspace: '/',
    startedAt: '',
    durationNs: 1,
    result: 'running',
  } as const;
  const options = { run, thresholds: defaultThresholds, hostNs: 0, range: 'whole' } as const;
  const { operations, components, processes } = buildSnapshot(recorder, options);
  const byName = operations.map((operation) => ({ ...operation, errorTypes: sorted(operation.errorTypes) }));
  return {
    operations: byName.sort((a, b) => a.name.localeCompare(b.name)),
    components: components.map(({ ratePerSecond: _, errorTypes, ...component }) => ({
      ...component,
      errorTypes: sorted(errorTypes),
    })),
    processes,
  };
}

function sorted(types: Readonly<Record<string, number>>): unknown {
  return Object.entries(types).sort(([a], [b]) => a.localeCompare(b));
}

describe('sum of operation deltas', () => {
  it('is associative', () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 6 }), fc.array(delta, { maxLength: 6 }), (first, second) => {
        const rest = { id: 0, buckets: [] };
        const partial = [sumOf(first), sumOf(second)].map((sum) => toDelta(sum, rest));
        assert.deepEqual(toDelta(sumOf(partial), rest), toDelta(sumOf([...first, ...second]), rest));
      }),
    );
  });

  it('keeps the first 64 error types and counts further ones as other', () => {
    const errorTypes = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`E${index}`, 2]));
    const sum = sumOf([{ id: 0, count: 0, errors: 200, totalNs: 0, hits: 0, misses: 0, buckets: [], errorTypes }]);
    assert.equal(sum.errorTypes.size, 65);
    assert.equal(sum.errorTypes.get('other'), 2 * 36);
  });
});

describe('totals of a source', () => {
  it('are the same from every batch, from one cumulative batch, and from the merged batches of a keeper', () => {
    fc.assert(
      fc.property(batches, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (sent, isHostSlow) => {
        const truth = recordedTotals(sent);

        const totals = new SourceTotals();
        for (const batch of sent) totals.add(batch);
        assert.deepEqual(recordedTotals([totals.toBatch() as Batch]), truth, 'resent by the probe');

        const store = new SourceStore(() => assert.fail('no batch is lost'));
        const received = sent.flatMap((batch, index) => [
          ...(isHostSlow[index] ? [] : store.drainPending()),
          ...[store.ingest(batch, isHostSlow[index] === true)].filter((passed) => passed !== undefined),
        ]);
        received.push(...store.drainPending());
        assert.deepEqual(recordedTotals(received), truth, 'passed on by the keeper');
        assert.deepEqual(recordedTotals(store.allBatches()), truth, 'sent by the keeper to a new host');
      }),
      { numRuns: 300 },
    );
  });
});
