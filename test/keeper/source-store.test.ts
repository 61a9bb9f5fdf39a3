/** Verifies exact totals for a slow host and for a host that connects later. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../src/core/record/recorder.ts';
import { OutputBuffer } from '../../src/keeper/output-buffer.ts';
import { SourceStore } from '../../src/keeper/source-store.ts';
import type { Batch } from '../../src/protocol/batch/batch.ts';
import { isBatch } from '../../src/protocol/batch/batch.ts';
import { maxSources } from '../../src/protocol/batch/limits.ts';

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
    store = new SourceStore(({ batches = 0 }) => {
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
      [100, 41, { spans: 60, items: 0, batches: 0, calls: 0, values: 0 }],
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
    for (let source = 0; source < maxSources + 50; source++) store.ingest(batch(0, { source: `${source}.7` }), false);
    const batches = store.allBatches();
    assert.equal(batches.length, maxSources);
    assert.ok(batches.every(isBatch), 'no batch exceeds its limits');
    assert.equal(lost, 51);
    assert.ok((batches[0]?.operations?.length ?? 0) >= 10_000);
  });

  it('sends the next host the totals of thousands of programs that ran in turn', () => {
    const host = new Host();
    const sources = maxSources + 500;
    for (let source = 0; source < sources; source++) {
      const hello = { pid: source, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 5, recordNs: 1 };
      const definitions = [{ id: source, component: 'c', name: `f${source % 7}`, kind: 'function' as const }];
      const [first] = batch(0).operations ?? [];
      assert.ok(first);
      const operations = [{ ...first, id: source }];
      const program = { source: `${source}.0`, hello, definitions, operations, spans: [], dropped: { calls: 2 } };
      // The host is slow at times, so that programs end while their batches wait.
      host.receive(store.ingest(batch(0, { ...program, bye: { reason: 'end' } }), source % 3 === 0, source));
      if (source % 100 === 99) host.receive(...store.drainPending());
    }
    host.receive(...store.drainPending());
    const nextHost = new Host();
    const batches = store.allBatches();
    nextHost.receive(...batches);
    for (const { recorder, count } of [host, nextHost]) {
      assert.deepEqual([count, recorder.operations.size, recorder.dropped.calls], [sources, 7, 2 * sources]);
      assert.deepEqual([lost, recorder.dropped.batches], [0, 0]);
      const calls = recorder.sources.processes().reduce((sum, process) => sum + process.calls, 0);
      assert.equal(calls, sources);
    }
    assert.equal(batches.length, maxSources + 1);
  });

  it('sends totals that are valid, even if a guest counts more than a number can hold', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const numbers = { count: most, errors: most, totalNs: Number.MAX_VALUE, hits: most, misses: most };
    const operations = [{ id: 0, ...numbers, buckets: [1, most], errorTypes: { e: most } }];
    const dropped = { calls: most, values: most };
    const samples = [{ id: 0, samples: most, selfNs: Number.MAX_VALUE, totalNs: Number.MAX_VALUE }];
    for (let sequence = 0; sequence < 3; sequence++)
      store.ingest(batch(sequence, { operations, dropped, samples, spansOmitted: most, itemsOmitted: most }), true);
    for (const merged of [...store.drainPending(), ...store.allBatches()]) assert.ok(isBatch(merged));
  });

  it('counts the calls of sources beyond the limit', () => {
    let lostCalls = 0;
    store = new SourceStore(({ calls = 0 }) => {
      lostCalls += calls;
    });
    for (let source = 0; source < maxSources + 5; source++)
      store.ingest(batch(0, { source: `${source}.0`, dropped: { calls: 3 } }), false, 1);
    assert.equal(lostCalls, 5 * 4);
  });

  it('keeps what guests have dropped and their notices for the next host', () => {
    const notices = ['No function matches a.js:b.'];
    for (let sequence = 0; sequence < 3; sequence++)
      store.ingest(batch(sequence, { dropped: { calls: 1, values: 2 }, notices }), false);
    const nextHost = new Host();
    nextHost.receive(...store.allBatches());
    const { dropped } = nextHost.recorder;
    assert.deepEqual([dropped.calls, dropped.values, dropped.spans], [3, 6, 3]);
    assert.deepEqual(nextHost.recorder.notices.list(), notices);
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
