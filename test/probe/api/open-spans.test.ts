/** Builds trees of spans from calls through the probe API, with a transport that keeps the batches. */
import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { Probe } from '../../../src/probe/api/probe.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';

function createProbe() {
  const batches: Batch[] = [];
  const probe = new Probe('test');
  probe.connect({
    send: (batch) => batches.push(structuredClone(batch)) > 0,
    pressure: () => 'none',
    whenDrained: async () => undefined,
    close: () => undefined,
  });
  const time = <T>(name: string, work: () => T): T => probe.time(probe.operation(name), work);
  return { probe, batches, time };
}

/** Returns the number of spans and the wall time in milliseconds by path. */
async function treeOf({ probe, batches }: Pick<ReturnType<typeof createProbe>, 'probe' | 'batches'>) {
  await probe.close();
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  for (const [index, batch] of batches.entries()) recorder.ingest(batch, (index + 1) * 1e9);
  const { batches: lost, calls, values } = recorder.dropped;
  assert.deepEqual({ lost, calls, values }, { lost: 0, calls: 0, values: 0 });
  const threads = recorder.sources.stacks().filter(({ kind }) => kind === 'spans');
  const names = recorder.stackFunctions.list().map(({ name }) => name);
  const paths: string[] = [];
  return new Map(
    (threads[0]?.nodes ?? []).map(([parent, index, spans, wallNs], node) => {
      paths[node] = parent < 0 ? (names[index] ?? '') : `${paths[parent]}>${names[index]}`;
      return [paths[node] as string, { spans, ms: wallNs / 1e6 }];
    }),
  );
}

describe('spans of the probe API', () => {
  it('have the path of the calls around them, also after an await', async () => {
    const { time, ...rest } = createProbe();
    await time('job', async () => {
      time('parse', () => time('scan', () => undefined));
      await sleep(1);
      await time('store', async () => {
        await sleep(1);
        time('write', () => undefined);
      });
    });
    time('other', () => undefined);
    const tree = await treeOf(rest);
    assert.deepEqual([...tree.keys()].sort(), [
      'job',
      'job>parse',
      'job>parse>scan',
      'job>store',
      'job>store>write',
      'other',
    ]);
    for (const { spans } of tree.values()) assert.equal(spans, 1);
  });

  it('count concurrent calls inside once', async () => {
    const { time, ...rest } = createProbe();
    await time('job', async () => {
      await Promise.all(['a', 'b', 'c'].map((name) => time(name, () => sleep(100))));
      await sleep(60);
    });
    const tree = await treeOf(rest);
    for (const name of ['a', 'b', 'c']) assert.ok((tree.get(`job>${name}`)?.ms ?? 0) >= 95);
    const self = tree.get('job')?.ms ?? 0;
    assert.ok(self >= 50 && self < 100, `${self}`);
  });

  it('leave a call around that has ended, so that a chain of timers does not become a deep path', async () => {
    const { time, ...rest } = createProbe();
    await new Promise<void>((done) => {
      const tick = (left: number): void =>
        time('tick', () => {
          if (left === 0) done();
          else setTimeout(() => tick(left - 1), 1);
        });
      tick(20);
    });
    const tree = await treeOf(rest);
    assert.deepEqual([...tree.keys()], ['tick']);
    assert.equal(tree.get('tick')?.spans, 21);
  });

  it('count what goes on after the call around it has ended, and not twice before', async () => {
    const { time, ...rest } = createProbe();
    let inner: Promise<unknown> | undefined;
    await time('outer', async () => {
      inner = time('inner', () => sleep(80));
      await sleep(30);
    });
    await inner;
    const tree = await treeOf(rest);
    assert.ok((tree.get('outer')?.ms ?? 100) < 15, `${tree.get('outer')?.ms}`);
    assert.ok((tree.get('outer>inner')?.ms ?? 0) >= 75);
  });

  it('are counted if a call throws', async () => {
    const { time, ...rest } = createProbe();
    assert.throws(() =>
      time('outer', () =>
        time('inner', () => {
          throw new RangeError('x');
        }),
      ),
    );
    time('next', () => undefined);
    assert.deepEqual([...(await treeOf(rest)).keys()].sort(), ['next', 'outer', 'outer>inner']);
  });

  it('are sent with the definition of a call around them that is still in progress', async () => {
    const { probe, batches, time } = createProbe();
    let finish = (): void => undefined;
    const job = time('job', async () => {
      time('step', () => undefined);
      await new Promise<void>((done) => {
        finish = done;
      });
    });
    probe.flush();
    const definitions = batches.flatMap((batch) => batch.definitions ?? []).map(({ name }) => name);
    assert.deepEqual(definitions.sort(), ['job', 'step']);
    finish();
    await job;
    assert.deepEqual([...(await treeOf({ probe, batches })).keys()], ['job', 'job>step']);
  });

  it('keep no context for operations that never return a promise, without losing calls inside', async () => {
    const { time, ...rest } = createProbe();
    for (let round = 0; round < 200; round++) time('outer', () => time('inner', () => round));
    const tree = await treeOf(rest);
    assert.deepEqual(
      [...tree].map(([path, { spans }]) => [path, spans]),
      [
        ['outer', 200],
        ['outer>inner', 200],
      ],
    );
  });
});
