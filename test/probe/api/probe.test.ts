import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { Probe } from '../../../src/probe/api/probe.ts';
import type { Pressure, Transport } from '../../../src/probe/api/transport.ts';
import { isBatch } from '../../../src/protocol/batch.ts';
import type { Batch } from '../../../src/protocol/event.ts';

/** A transport that keeps what it is given, under the pressure that a test sets. */
class Kept implements Transport {
  readonly batches: Batch[] = [];
  now: Pressure = 'none';
  pressure(): Pressure {
    return this.now;
  }
  send(batch: Batch): boolean {
    this.batches.push(structuredClone(batch));
    return true;
  }
  async drained(): Promise<void> {}
  close(): void {}
}

function connected(): { probe: Probe; kept: Kept } {
  const probe = new Probe('test');
  const kept = new Kept();
  probe.connect(kept);
  return { probe, kept };
}

function callsIn(batch: Batch | undefined): number {
  return batch?.operations?.[0]?.count ?? 0;
}

describe('probe', () => {
  it('sends only batches that the guard accepts, with a hello first and a bye last', async () => {
    const { probe, kept } = connected();
    probe.time(probe.operation('work', { component: 'c' }), () => 1, { size: 3 });
    probe.count('c', 'files', 2);
    probe.gauge('c', 'depth', 4);
    probe.item({ component: 'c', name: 'a', parts: { work: 5 }, counts: { calls: 1 } });
    probe.flush();
    await probe.close();
    assert.equal(kept.batches.length, 2);
    for (const batch of kept.batches) assert.ok(isBatch(batch));
    const [first, last] = kept.batches;
    assert.ok(first?.hello && !last?.hello && last?.bye);
    assert.deepEqual(
      first.definitions?.map(({ component, name }) => `${component} ${name}`),
      ['c work'],
    );
    assert.equal(first.spans?.[0]?.attributes?.['size'], 3);
    assert.ok(first.hello.recordNs > 0 && first.hello.recordNs < 1e6);
  });

  it('counts each call once, whatever the beat', async () => {
    const { probe, kept } = connected();
    const operation = probe.operation('work');
    for (let call = 0; call < 1000; call++) {
      probe.record(operation, call);
      if (call % 100 === 0) probe.flush();
    }
    await probe.close();
    const deltas = kept.batches.flatMap((batch) => batch.operations ?? []);
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
    assert.ok(kept.batches.length > 5);
  });

  it('passes results and errors through, and counts errors by their type', async () => {
    const { probe, kept } = connected();
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
    const delta = kept.batches[0]?.operations?.[0];
    assert.deepEqual([delta?.count, delta?.errors], [4, 2]);
    assert.deepEqual(delta?.errorTypes, { TypeError: 1, ENOENT: 1 });
  });

  it('tells self time, and counts a recursion once', async () => {
    const { probe, kept } = connected();
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
    const [first, second] = kept.batches[0]?.operations ?? [];
    assert.equal(second?.count, 4);
    // Each of the four nested calls lasts the whole spin, yet the total has it once.
    assert.ok((second?.totalNs ?? 0) < 2 * (second?.maxNs ?? 0));
    assert.ok(Math.abs((first?.selfNs ?? 0) + (second?.totalNs ?? 0) - (first?.totalNs ?? 0)) < 1e6);
    assert.ok((first?.selfNs ?? 0) >= 2e6 && (first?.selfNs ?? 0) < (first?.totalNs ?? 0));
  });

  it('keeps the slowest spans of each operation and counts the others', async () => {
    const { probe, kept } = connected();
    const operation = probe.operation('work');
    for (let call = 0; call < 100; call++) operation.keepSpan(call, call);
    probe.record(operation, 1);
    await probe.close();
    const batch = kept.batches[0];
    assert.deepEqual(
      batch?.spans?.map((span) => span.durationNs),
      [92, 93, 94, 95, 96, 97, 98, 99],
    );
    assert.equal(batch?.spansOmitted, 92);
  });

  it('leaves out spans first under pressure, and loses no count when it must wait', async () => {
    const { probe, kept } = connected();
    const operation = probe.operation('work');
    const call = (): void => void probe.time(operation, () => 1);
    kept.now = 'some';
    call();
    probe.flush();
    assert.deepEqual(
      [callsIn(kept.batches[0]), kept.batches[0]?.spans, kept.batches[0]?.spansOmitted],
      [1, undefined, 1],
    );
    kept.now = 'full';
    call();
    probe.flush();
    call();
    probe.flush();
    assert.equal(kept.batches.length, 1);
    kept.now = 'none';
    probe.flush();
    assert.equal(callsIn(kept.batches[1]), 2);
    assert.equal(kept.batches[1]?.sequence, 1);
    await probe.close();
  });

  it('keeps bounded what has no bound', async () => {
    const { probe, kept } = connected();
    for (let name = 0; name < 5000; name++) probe.record(probe.operation(`operation ${name}`), 1);
    for (let name = 0; name < 5000; name++) {
      probe.item({ component: 'c', name: `file ${name}`, parts: { work: name }, counts: {} });
    }
    await probe.close();
    const batch = kept.batches[0];
    assert.ok(batch?.operations && batch.operations.length <= 2001);
    assert.equal(
      batch.operations.reduce((sum, delta) => sum + delta.count, 0),
      5000,
    );
    assert.ok(batch.items && batch.items.length <= 1000 && batch.items.some((item) => item.name === 'file 4999'));
    assert.equal(batch.items.length + (batch.itemsOmitted ?? 0), 5000);
  });

  it('beats by itself', async () => {
    const { probe, kept } = connected();
    probe.record(probe.operation('work'), 1);
    await sleep(700);
    assert.ok(kept.batches.length >= 1 && callsIn(kept.batches[0]) === 1);
    await probe.close();
  });

  it('takes no duration that is none', async () => {
    const { probe, kept } = connected();
    const operation = probe.operation('work');
    for (const value of [Number.NaN, -1]) probe.record(operation, value);
    probe.record(operation, 5);
    await probe.close();
    assert.equal(callsIn(kept.batches[0]), 1);
  });
});
