/** Holds what a keeper remembers to exact totals: for a host that reads slowly, and for one that comes later. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../src/core/record/recorder.ts';
import { Output } from '../../src/keeper/output-buffer.ts';
import { Memory } from '../../src/keeper/source-store.ts';
import { isBatch } from '../../src/protocol/batch.ts';
import type { Batch } from '../../src/protocol/event.ts';

function batch(sequence: number, more: Partial<Batch> = {}): Batch {
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
    ...more,
  };
}

/** A host as it is: it records what it is told. */
class Host {
  readonly recorder = new Recorder({ components: [], wallStartMs: 0, placeOf: (file) => file });
  heard = 0;

  hear(...batches: readonly (Batch | undefined)[]): void {
    for (const told of batches) {
      if (!told) continue;
      assert.ok(isBatch(told));
      this.heard++;
      this.recorder.take(told, 0);
    }
  }

  get count(): number {
    return [...this.recorder.tallies.values()].reduce((sum, { count }) => sum + count, 0);
  }
}

describe('what a keeper remembers', () => {
  let lost: number;
  let memory: Memory;
  beforeEach(() => {
    lost = 0;
    memory = new Memory((batches) => {
      lost += batches;
    });
  });

  it('is told batch by batch, and merged while the host is slow', () => {
    const host = new Host();
    for (let sequence = 0; sequence < 100; sequence++) {
      host.hear(memory.take(batch(sequence), sequence >= 20 && sequence < 80));
      if (sequence === 79) host.hear(...memory.waiting());
    }
    assert.deepEqual(
      [host.count, host.heard, host.recorder.dropped],
      [100, 41, { spans: 60, items: 0, batches: 0, operations: 0 }],
    );
    assert.deepEqual(memory.waiting(), []);
  });

  it('keeps the order where something waits already', () => {
    const host = new Host();
    host.hear(
      memory.take(batch(0), true),
      memory.take(batch(1), false),
      ...memory.waiting(),
      memory.take(batch(2), false),
    );
    assert.deepEqual([host.count, host.heard, host.recorder.dropped.batches], [3, 2, 0]);
  });

  it('is told anew to the next host, with what waited for the one before', () => {
    for (let sequence = 0; sequence < 10; sequence++) memory.take(batch(sequence), sequence > 5);
    const host = new Host();
    host.hear(...memory.whole(), ...memory.waiting(), memory.take(batch(10), false));
    assert.deepEqual([host.count, host.heard, host.recorder.dropped.batches], [11, 2, 0]);
  });

  it('takes a batch that is said twice once, and counts what did not arrive', () => {
    const host = new Host();
    for (const sequence of [0, 1, 1, 0, 4]) host.hear(memory.take(batch(sequence), false));
    assert.deepEqual([host.count, lost, host.recorder.dropped.batches], [3, 2, 0]);
  });

  it('keeps two programs apart that one process was, in their order', () => {
    const helloAt = (wallStartMs: number) => ({
      hello: { pid: 1, threadId: 0, runtime: 'python', name: `${wallStartMs}`, wallStartMs, recordNs: 1 },
    });
    for (const later of [false, true]) {
      memory = new Memory(() => lost++);
      const said = [batch(0, helloAt(1)), batch(1), batch(0, helloAt(2)), batch(0, helloAt(2)), batch(1)];
      const [host, next] = [new Host(), new Host()];
      host.hear(...said.map((one, index) => memory.take(one, later && index < 2)), ...memory.waiting());
      next.hear(...memory.whole());
      for (const { count, recorder } of [host, next]) {
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

  it('does not grow with the names and numbers that a source makes up', () => {
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
      memory.take(batch(sequence, { definitions, operations }), false);
    }
    for (let source = 0; source < 300; source++) memory.take(batch(0, { source: `${source}.7` }), false);
    const whole = memory.whole();
    assert.equal(whole.length, 256);
    assert.ok(whole.every(isBatch), 'what is told is never more than a batch may hold');
    assert.equal(lost, 300 - 255);
    assert.ok((whole[0]?.operations?.length ?? 0) >= 10_000);
  });
});

describe('the output that a keeper keeps', () => {
  it('is all of it, until that is too much', () => {
    const output = new Output();
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
