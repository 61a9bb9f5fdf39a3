/** Checks that all reporters of one process are recorded in full, whatever they call themselves. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { SourceStore } from '../../../../src/keeper/source-store.ts';
import { GuestListener } from '../../../../src/node/run/guest-listener.ts';
import { ReporterNames } from '../../../../src/node/run/guests/reporter-names.ts';
import type { Batch, Hello } from '../../../../src/protocol/batch/batch.ts';
import type { Snapshot } from '../../../../src/protocol/snapshot.ts';
import { snapshotOfBatches } from '../../../fixtures/duration-rules.ts';
import { until } from '../../../fixtures/wait.ts';
import { createProgramFolder, runProfiled } from '../../../probe/profiled-program.ts';

function countsIn({ operations }: Snapshot): Readonly<Record<string, number>> {
  return Object.fromEntries(operations.map(({ name, count }) => [name, count]));
}

describe('reporters of one process', function () {
  this.timeout(60_000);
  let listener: GuestListener;
  let batches: Batch[];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    batches = [];
    listener = await GuestListener.open({
      onMessage: (message) => batches.push(message as Batch),
      onFault: (fault) => assert.fail(fault),
      names: new ReporterNames(),
    });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listener.close();
  });

  async function open(): Promise<Socket> {
    const socket = connect(listener.environment['PIPESCOPE_SOCKET'] ?? '');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function close(socket: Socket): Promise<void> {
    const connected = listener.guestCount;
    socket.end();
    await until(() => listener.guestCount < connected);
  }

  function send(
    socket: Socket,
    sequence: number,
    name: string,
    changes: Partial<Batch> = {},
    hello: Partial<Hello> = {},
  ) {
    const batch: Batch = {
      v: 1,
      source: '7.0',
      sequence,
      atNs: 0,
      cost: { events: 0, flushNs: 0 },
      ...(sequence === 0
        ? {
            hello: { pid: 7, threadId: 0, runtime: 'x', name: 'x', wallStartMs: 0, recordNs: 0, ...hello },
            definitions: [{ id: 0, component: 'c', name, kind: 'stage' }],
          }
        : {}),
      operations: [{ id: 0, count: 100, errors: 0, totalNs: 100, hits: 0, misses: 0, buckets: [] }],
      ...changes,
    };
    socket.write(`${JSON.stringify(batch)}\n`);
  }

  async function received(count: number): Promise<Snapshot> {
    await until(() => batches.length >= count);
    assert.equal(batches.length, count);
    const snapshot = snapshotOfBatches(batches, 1e9);
    // A keeper sums them for a host that connects later.
    const store = new SourceStore((loss) => assert.deepEqual(loss, {}));
    for (const batch of batches) store.ingest(batch, false);
    assert.deepEqual(countsIn(snapshotOfBatches(store.allBatches(), 1e9)), countsIn(snapshot));
    return snapshot;
  }

  it('are recorded beside each other if they use the same source at the same time', async () => {
    const [first, second] = [await open(), await open()];
    for (let sequence = 0; sequence < 10; sequence++) {
      send(first, sequence, 'first', {}, { wallStartMs: 5 });
      if (sequence % 2 === 0) send(second, sequence / 2, 'second', {}, { wallStartMs: 9 });
    }
    const snapshot = await received(15);
    assert.deepEqual(countsIn(snapshot), { first: 1000, second: 500 });
    assert.equal(snapshot.dropped.batches, 0);
    assert.deepEqual(snapshot.processes.map(({ source }) => source).sort(), ['7.0', '7.0/2']);
  });

  it('are recorded one after another if each sends one line about the same process', async () => {
    for (const name of ['first', 'second', 'third']) {
      const socket = await open();
      send(socket, 0, name, { bye: { reason: 'end' } });
      await close(socket);
    }
    assert.deepEqual(countsIn(await received(3)), { first: 100, second: 100, third: 100 });
  });

  for (const instance of [undefined, 'a']) {
    it(`are the same after a reconnect ${instance ? 'with' : 'without'} an instance`, async () => {
      const first = await open();
      send(first, 0, 'first', {}, { ...(instance ? { instance } : {}) });
      send(first, 1, 'first');
      await until(() => batches.length === 2);
      await close(first);
      const again = await open();
      // A guest repeats its last batches, because the host may not have read them.
      send(again, 0, 'first', {}, { ...(instance ? { instance } : {}) });
      send(again, 1, 'first');
      send(again, 2, 'first');
      const snapshot = await received(5);
      assert.deepEqual(countsIn(snapshot), { first: 300 });
      assert.deepEqual(
        snapshot.processes.map(({ source }) => source),
        ['7.0'],
      );
    });
  }

  it('are the same if a guest with an instance reconnects before its first connection is closed', async () => {
    const [first, again] = [await open(), await open()];
    for (const socket of [first, again]) send(socket, 0, 'first', {}, { instance: 'a' });
    assert.deepEqual(countsIn(await received(2)), { first: 100 });
  });

  it('are recorded beside the probe of a Node program', async () => {
    const cwd = createProgramFolder({
      'program.cjs': `const { connect } = require('node:net');
        function work(x) { return x + 1; }
        for (let i = 0; i < 4000; i++) work(i);
        const socket = connect(process.env.PIPESCOPE_SOCKET);
        const line = (sequence, more) => socket.write(JSON.stringify({ v: 1, source: process.pid + '.0', sequence, atNs: 0,
          cost: { events: 0, flushNs: 0 }, operations: [{ id: 0, count: 100, errors: 0, totalNs: 1e6, hits: 0, misses: 0, buckets: [] }],
          ...more }) + '\\n');
        socket.on('connect', () => {
          line(0, { hello: { pid: process.pid, threadId: 0, runtime: 'helper', name: 'helper', wallStartMs: Date.now(), recordNs: 0 },
            definitions: [{ id: 0, component: 'helper', name: 'helped', kind: 'stage' }] });
          let sequence = 1;
          const timer = setInterval(() => { line(sequence++); for (let i = 0; i < 1000; i++) work(i); if (sequence === 4) { clearInterval(timer); socket.end(); } }, 200);
        });`,
    });
    const config = { exact: [{ file: join(cwd, 'program.cjs'), name: 'work' }], samplingNs: 0 };
    const profiled = await runProfiled(['program.cjs'], { cwd, config });
    assert.deepEqual([profiled.status, profiled.errors], [0, []]);
    const counts = countsIn(snapshotOfBatches(profiled.batches, 5e9));
    assert.deepEqual([counts['work'], counts['helped']], [7000, 400]);
  });
});
