import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { Probe } from '../../../src/probe/api/probe.ts';
import type { Pressure, Transport } from '../../../src/probe/api/transport.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';

/** Keeps the batches in memory; a test sets its pressure. */
class MemoryTransport implements Transport {
  readonly batches: Batch[] = [];
  currentPressure: Pressure = 'none';
  pressure(): Pressure {
    return this.currentPressure;
  }
  send(batch: Batch): boolean {
    this.batches.push(structuredClone(batch));
    return true;
  }
  async whenDrained(): Promise<void> {}
  close(): void {}
}

function createProbe(): { probe: Probe; transport: MemoryTransport } {
  const probe = new Probe('test');
  const transport = new MemoryTransport();
  probe.connect(transport);
  return { probe, transport };
}

function callsIn(batch: Batch | undefined): number {
  return batch?.operations?.[0]?.count ?? 0;
}

describe('Probe', () => {
  it('sends only valid batches, with hello in the first and bye in the last', async () => {
    const { probe, transport } = createProbe();
    probe.time(probe.operation('work', { component: 'c' }), () => 1, { size: 3 });
    probe.count('c', 'files', 2);
    probe.gauge('c', 'depth', 4);
    probe.item({ component: 'c', name: 'a', parts: { work: 5 }, counts: { calls: 1 } });
    probe.flush();
    await probe.close();
    assert.equal(transport.batches.length, 2);
    for (const batch of transport.batches) assert.ok(isBatch(batch));
    const [first, last] = transport.batches;
    assert.ok(first?.hello && !last?.hello && last?.bye);
    assert.deepEqual(
      first.definitions?.map(({ component, name }) => `${component} ${name}`),
      ['c work'],
    );
    assert.equal(first.spans?.[0]?.attributes?.['size'], 3);
    assert.ok(first.hello.recordNs > 0 && first.hello.recordNs < 1e6);
  });

  it('counts each call once, no matter when it flushes', async () => {
    const { probe, transport } = createProbe();
    const operation = probe.operation('work');
    for (let call = 0; call < 1000; call++) {
      probe.record(operation, call);
      if (call % 100 === 0) probe.flush();
    }
    await probe.close();
    const deltas = transport.batches.flatMap((batch) => batch.operations ?? []);
    assert.equal(
      deltas.reduce((sum, delta) => sum + delta.count, 0),
      1000,
    );
    assert.equal(
      deltas.reduce((sum, delta) => sum + delta.totalNs, 0),
      (999 * 1000) / 2,
    );
    const buckets = deltas.flatMap((delta) => delta.buckets.filter((_, index) => index % 2 === 1));
    assert.equal(
      buckets.reduce((sum, count) => sum + count, 0),
      1000,
    );
    assert.ok(transport.batches.length > 5);
  });

  it('passes results and errors through, and counts errors by type', async () => {
    const { probe, transport } = createProbe();
    const operation = probe.operation('work');
    assert.equal(
      probe.time(operation, () => 7),
      7,
    );
    assert.throws(
      () =>
        probe.time(operation, () => {
          throw new TypeError('no');
        }),
      /no/,
    );
    const coded = Object.assign(new Error('gone'), { code: 'ENOENT' });
    await assert.rejects(
      probe.time(operation, () => Promise.reject(coded)),
      /gone/,
    );
    assert.equal(await probe.time(operation, async () => 8), 8);
    await probe.close();
    const delta = transport.batches[0]?.operations?.[0];
    assert.deepEqual([delta?.count, delta?.errors], [4, 2]);
    assert.deepEqual(delta?.errorTypes, { TypeError: 1, ENOENT: 1 });
  });

  it('reports self time, and counts a recursion once', async () => {
    const { probe, transport } = createProbe();
    const outer = probe.operation('outer');
    const inner = probe.operation('inner');
    const spin = (ms: number): void => {
      const until = performance.now() + ms;
      while (performance.now() < until);
    };
    const down = (depth: number): void => probe.time(inner, () => (depth > 0 ? down(depth - 1) : spin(4)));
    probe.time(outer, () => {
      spin(2);
      down(3);
    });
    await probe.close();
    const [first, second] = transport.batches[0]?.operations ?? [];
    assert.equal(second?.count, 4);
    // Each of the four nested calls takes as long as the spin, but the total has it only once.
    assert.ok((second?.totalNs ?? 0) < 2 * (second?.maxNs ?? 0));
    // Less if the thread had to wait for a processor.
    assert.ok((first?.selfNs ?? 0) + (second?.totalNs ?? 0) < (first?.totalNs ?? 0) + 1e6);
    assert.ok((first?.selfNs ?? 0) > 0 && (first?.selfNs ?? 0) < (first?.totalNs ?? 0));
  });

  it('keeps the slowest spans of each operation and counts the others', async () => {
    const { probe, transport } = createProbe();
    const operation = probe.operation('work');
    for (let call = 0; call < 100; call++) operation.addSpan(call, call);
    probe.record(operation, 1);
    await probe.close();
    const batch = transport.batches[0];
    assert.deepEqual(
      batch?.spans?.map((span) => span.durationNs),
      [92, 93, 94, 95, 96, 97, 98, 99],
    );
    assert.equal(batch?.spansOmitted, 92);
  });

  it('omits spans under some pressure, and under full pressure waits without losing counts', async () => {
    const { probe, transport } = createProbe();
    const operation = probe.operation('work');
    const call = (): void => void probe.time(operation, () => 1);
    transport.currentPressure = 'some';
    call();
    probe.flush();
    assert.deepEqual(
      [callsIn(transport.batches[0]), transport.batches[0]?.spans, transport.batches[0]?.spansOmitted],
      [1, undefined, 1],
    );
    transport.currentPressure = 'full';
    call();
    probe.flush();
    call();
    probe.flush();
    assert.equal(transport.batches.length, 1);
    transport.currentPressure = 'none';
    probe.flush();
    assert.equal(callsIn(transport.batches[1]), 2);
    assert.equal(transport.batches[1]?.sequence, 1);
    await probe.close();
  });

  it('limits the number of operations and items', async () => {
    const { probe, transport } = createProbe();
    for (let name = 0; name < 5000; name++) probe.record(probe.operation(`operation ${name}`), 1);
    for (let name = 0; name < 5000; name++) {
      probe.item({ component: 'c', name: `file ${name}`, parts: { work: name }, counts: {} });
    }
    await probe.close();
    const batch = transport.batches[0];
    assert.ok(batch?.operations && batch.operations.length <= 2001);
    assert.equal(
      batch.operations.reduce((sum, delta) => sum + delta.count, 0),
      5000,
    );
    assert.ok(batch.items && batch.items.length <= 1000 && batch.items.some((item) => item.name === 'file 4999'));
    assert.equal(batch.items.length + (batch.itemsOmitted ?? 0), 5000);
  });

  it('flushes by itself', async () => {
    const { probe, transport } = createProbe();
    probe.record(probe.operation('work'), 1);
    await sleep(700);
    assert.ok(transport.batches.length >= 1 && callsIn(transport.batches[0]) === 1);
    await probe.close();
  });

  it('ignores invalid durations', async () => {
    const { probe, transport } = createProbe();
    const operation = probe.operation('work');
    for (const value of [Number.NaN, -1]) probe.record(operation, value);
    probe.record(operation, 5);
    await probe.close();
    assert.equal(callsIn(transport.batches[0]), 1);
  });
});
