import { strict as assert } from 'node:assert';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot, snapshotSteps } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { bucketOf } from '../../../src/protocol/batch/buckets.ts';
import type { Run } from '../../../src/protocol/snapshot.ts';

const run: Run = {
  ...{ id: '1', pipeline: 'p', title: 'P', workspace: '/w', startedAt: '', durationNs: 1e9, result: 'success' },
};
const options = { run, thresholds: defaultThresholds, hostNs: 0 };

/** More operations than a live snapshot lists. */
const operationCount = 700;

/** Each operation has one call more than the one before it. */
function batchOf(sequence: number): Batch {
  const ids = Array.from({ length: operationCount }, (_, id) => id);
  return {
    ...{ v: 1, source: '7.0', sequence, atNs: 0, cost: { events: 0, flushNs: 0 } },
    ...(sequence === 0
      ? {
          hello: { pid: 7, threadId: 0, runtime: 'node', name: 'p', wallStartMs: 0, recordNs: 100 },
          definitions: ids.map((id) => ({ id, component: 'c', name: `f${id}`, kind: 'function' as const })),
        }
      : {}),
    operations: ids.map((id) => ({
      ...{ id, count: id + 1, errors: 0, totalNs: (id + 1) * 1000, minNs: 1000, maxNs: 1000, hits: 0, misses: 0 },
      buckets: [bucketOf(1000), id + 1],
    })),
  };
}

function newRecorder(): Recorder {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  recorder.ingest(batchOf(0), 0);
  return recorder;
}

describe('a whole snapshot', () => {
  it('lists every operation with the histogram of its calls, the largest total first', () => {
    const { operations, operationsOmitted } = buildSnapshot(newRecorder(), { ...options, range: 'whole' });
    assert.equal(operations.length, operationCount);
    assert.equal(operationsOmitted, 0);
    assert.equal(operations[0]?.name, `f${operationCount - 1}`);
    for (const { name, count, histogram = '' } of operations.filter((_, index) => index % 97 === 0)) {
      assert.equal(decodeFromCompressedBase64(histogram, 64, false).totalCount, count, name);
    }
  });

  it('leaves operations out only of a live snapshot, which says how many', () => {
    const { operations, operationsOmitted } = buildSnapshot(newRecorder(), { ...options, range: 'live' });
    assert.equal(operations.length + operationsOmitted, operationCount);
    assert.ok(operationsOmitted > 0);
    assert.equal(operations[0]?.histogram, undefined);
  });

  it('is of one moment, although calls are recorded while its histograms are encoded', () => {
    const recorder = newRecorder();
    const before = buildSnapshot(recorder, { ...options, range: 'whole' });
    const steps = snapshotSteps(recorder, { ...options, range: 'whole' });
    let step = steps.next();
    let count = 1;
    recorder.ingest(batchOf(1), 1);
    for (; !step.done; count++) step = steps.next();
    assert.ok(count > operationCount);
    assert.deepEqual(step.value, before);
    assert.notDeepEqual(buildSnapshot(recorder, { ...options, range: 'whole' }).operations, before.operations);
  });
});
