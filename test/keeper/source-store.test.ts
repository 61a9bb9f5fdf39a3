/** Verifies exact totals for a slow host and for a host that connects later. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../src/core/record/recorder.ts';
import { OutputBuffer } from '../../src/keeper/output-buffer.ts';
import { SourceStore } from '../../src/keeper/source-store.ts';
import type { Batch } from '../../src/protocol/batch/batch.ts';
import { isBatch } from '../../src/protocol/batch/batch.ts';

function batch(sequence: number, changes: Partial<Batch> = {}): Batch {
  return {
    v: 1,
    source: '1.0',
    sequence,
    atNs: sequence,
    definitions: [{ id: 0, component: 'c', name: 'f', kind: 'function' }],
    operations: [
      { id: 0, count: 1, errors: 0, totalNs: 10, minNs: 10, maxNs: 10, hits: 0, misses: 0, buckets: [10, 1] },
    ],
    spans: [{ id: 0, startNs: 0, durationNs: 10 }],
    cost: { events: sequence, flushNs: 0 },
    ...changes,
  };
}

/** A host that records every batch it receives. */
class Host {
  readonly recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  receivedBatches = 0;

  receive(...batches: readonly (Batch | undefined)[]): void {
    for (const received of batches) {
      if (!received) continue;
      assert.ok(isBatch(received));
      this.receivedBatches++;
      this.recorder.ingest(received, 0);
    }
  }

  get count(): number {
    return [...this.recorder.operations.values()].reduce((sum, { count }) => sum + count, 0);
  }
}

describe('SourceStore', () => {
  let lost: number;
  let store: SourceStore;
  beforeEach(() => {
    lost = 0;
    store = new SourceStore((batches) => {
      lost += batches;
    });
  });

  it('passes batches on one by one and merges them while the host is slow', () => {
    const host = new Host();
    for (let sequence = 0; sequence < 100; sequence++) {
      host.receive(store.ingest(batch(sequence), sequence >= 20 && sequence < 80));
      if (sequence === 79) host.receive(...store.drainPending());
    }
    assert.deepEqual(
      [host.count, host.receivedBatches, host.recorder.dropped],
      [100, 41, { spans: 60, items: 0, batches: 0, operations: 0 }],
    );
    assert.deepEqual(store.drainPending(), []);
  });

  it('keeps the order if earlier batches are pending', () => {
    const host = new Host();
    host.receive(
      store.ingest(batch(0), true),
      store.ingest(batch(1), false),
      ...store.drainPending(),
      store.ingest(batch(2), false),
    );
    assert.deepEqual([host.count, host.receivedBatches, host.recorder.dropped.batches], [3, 2, 0]);
  });

  it('sends everything to the next host, including what was pending for the previous one', () => {
    for (let sequence = 0; sequence < 10; sequence++) store.ingest(batch(sequence), sequence > 5);
    const host = new Host();
    host.receive(...store.allBatches(), ...store.drainPending(), store.ingest(batch(10), false));
    assert.deepEqual([host.count, host.receivedBatches, host.recorder.dropped.batches], [11, 2, 0]);
  });

  it('ignores repeated batches and counts lost ones', () => {
    const host = new Host();
    for (const sequence of [0, 1, 1, 0, 4]) host.receive(store.ingest(batch(sequence), false));
    assert.deepEqual([host.count, lost, host.recorder.dropped.batches], [3, 2, 0]);
  });

  it('separates two programs that ran in the same process and keeps their order', () => {
    const helloAt = (wallStartMs: number) => ({
      hello: { pid: 1, threadId: 0, runtime: 'python', name: `${wallStartMs}`, wallStartMs, recordNs: 1 },
    });
    for (const isHostSlow of [false, true]) {
      store = new SourceStore(() => lost++);
      const sent = [batch(0, helloAt(1)), batch(1), batch(0, helloAt(2)), batch(0, helloAt(2)), batch(1)];
      const [host, nextHost] = [new Host(), new Host()];
      host.receive(...sent.map((each, index) => store.ingest(each, isHostSlow && index < 2)), ...store.drainPending());
      nextHost.receive(...store.allBatches());
      for (const { count, recorder } of [host, nextHost]) {
        assert.deepEqual([count, lost, recorder.dropped.batches], [4, 0, 0]);
        assert.deepEqual(
          recorder.sources.processes().map(({ name, calls }) => [name, calls]),
          [
            ['1', 2],
            ['2', 2],
          ],
        );
      }
    }
  });

  it('is bounded, however many operations and sources report', () => {
    for (let sequence = 0; sequence < 30; sequence++) {
      const ids = Array.from({ length: 1000 }, (_, index) => 1000 * sequence + index);
      const definitions = ids.map((id) => ({ id, component: 'c', name: `f${id}`, kind: 'function' as const }));
      const operations = ids.map((id) => ({
        id,
        count: 1,
        errors: 0,
        totalNs: 1,
        hits: 0,
        misses: 0,
        buckets: [id, 1],
      }));
      store.ingest(batch(sequence, { definitions, operations }), false);
    }
    for (let source = 0; source < 300; source++) store.ingest(batch(0, { source: `${source}.7` }), false);
    const batches = store.allBatches();
    assert.equal(batches.length, 256);
    assert.ok(batches.every(isBatch), 'no batch exceeds its limits');
    assert.equal(lost, 300 - 255);
    assert.ok((batches[0]?.operations?.length ?? 0) >= 10_000);
  });
});

describe('OutputBuffer', () => {
  it('holds the whole output up to its limit, then its last part', () => {
    const output = new OutputBuffer();
    output.add('stdout', 'one\n');
    output.add('stderr', 'two\n');
    assert.deepEqual(output.pieces, [
      { type: 'output', stream: 'stdout', at: 0, text: 'one\n' },
      { type: 'output', stream: 'stderr', at: 4, text: 'two\n' },
    ]);
    output.add('stdout', 'x'.repeat(256 * 1024 - 6));
    assert.deepEqual(output.pieces[0], { type: 'output', stream: 'stdout', at: 2, text: 'e\n' });
    output.add('stdout', 'y'.repeat(1024 * 1024));
    assert.deepEqual(output.pieces, [
      { type: 'output', stream: 'stdout', at: 8 - 6 + 1024 * 1024, text: 'y'.repeat(256 * 1024) },
    ]);
  });
});
