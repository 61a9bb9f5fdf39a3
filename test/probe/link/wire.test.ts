/** Holds a guest's line to losing and doubling nothing: when it breaks, when the host is another, when nobody reads. */
import { strict as assert } from 'node:assert';
import { createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { Wire } from '../../../src/probe/link/wire.ts';
import { isBatch } from '../../../src/protocol/batch.ts';
import type { Batch } from '../../../src/protocol/event.ts';
import { folderOf, profiled, told } from '../zero.ts';

const root = resolve(import.meta.dirname, '../../..');
const soon = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A host that records what it hears, as the real one does, and can hang up. */
class Host {
  readonly recorder = new Recorder({ components: [], wallStartMs: 0, placeOf: (file) => file });
  readonly batches: Batch[] = [];
  readonly #guests = new Set<Socket>();
  readonly #server: Server;

  constructor(path: string, name: string, reads = true) {
    this.#server = createServer((socket) => {
      this.#guests.add(socket);
      socket.on('error', () => socket.destroy());
      socket.write(`${JSON.stringify({ type: 'welcome', host: name })}\n`);
      if (!reads) return;
      let rest = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#take(JSON.parse(line));
      });
    }).listen(path);
  }

  get count(): number {
    return [...this.recorder.tallies.values()].reduce((sum, tally) => sum + tally.count, 0);
  }

  hangUp(): void {
    for (const guest of this.#guests) guest.destroy();
    this.#guests.clear();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #take(message: unknown): void {
    assert.ok(isBatch(message));
    this.batches.push(message);
    this.recorder.take(message, 0);
  }
}

function batch(index: number, padding = ''): Batch {
  const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 0, recordNs: 1 };
  const definition = { id: 0, component: 'c', name: `f${padding}`, kind: 'function' as const };
  return {
    v: 1,
    source: '1.0',
    sequence: 0,
    atNs: index,
    ...(index === 0 ? { hello, definitions: [definition] } : {}),
    ...(padding ? { definitions: [definition] } : {}),
    operations: [
      { id: 0, count: 1, errors: 0, totalNs: 10, minNs: 10, maxNs: 10, hits: 1, misses: 0, buckets: [10, 1] },
    ],
    cost: { events: index, flushNs: 0 },
  };
}

function wireTo(path: string): Wire {
  return new Wire({ address: path, onControl: () => undefined, stays: true });
}

describe('wire', function () {
  this.timeout(30_000);

  it('goes on after a broken line: every batch once', async () => {
    const path = join(folderOf({}), 'socket');
    const host = new Host(path, 'one');
    const wire = wireTo(path);
    for (let index = 0; index < 60; index++) {
      wire.send(batch(index));
      if (index % 20 === 10) host.hangUp();
      await soon(20);
    }
    await soon(600);
    assert.equal(host.count, 60);
    assert.equal(host.recorder.dropped.batches, 0);
    // It was said again: else the line never broke.
    assert.ok(host.batches.length > 60, `${host.batches.length} heard`);
    await wire.close();
    await host.close();
  });

  it('tells another host everything, as one batch', async () => {
    const path = join(folderOf({}), 'socket');
    const first = new Host(path, 'one');
    const wire = wireTo(path);
    for (let index = 0; index < 20; index++) wire.send(batch(index));
    await soon(200);
    assert.equal(first.count, 20);
    await first.close();
    for (let index = 20; index < 30; index++) wire.send(batch(index));
    const second = new Host(path, 'two');
    await soon(1200);
    for (let index = 30; index < 33; index++) wire.send(batch(index));
    await soon(200);
    assert.equal(second.count, 33);
    assert.equal(second.recorder.dropped.batches, 0);
    assert.ok(second.batches[0]?.hello && second.batches[0].definitions?.length === 1);
    assert.equal(second.batches.length, 4);
    const state = [...second.recorder.tallies.values()][0]?.state();
    assert.deepEqual([state?.totalNs, state?.p50Ns, state?.cacheHits], [330, 10, 33]);
    await wire.close();
    await second.close();
  });

  it('keeps little while nobody listens, and says how much waits when nobody reads', async () => {
    const path = join(folderOf({}), 'socket');
    const wire = wireTo(path);
    for (let index = 0; index < 2000; index++) wire.send(batch(index));
    assert.deepEqual([wire.backlog, wire.pressure, wire.connected], [0, 'none', false]);
    const host = new Host(path, 'one', false);
    await soon(700);
    assert.ok(wire.connected);
    const found = new Set<string>();
    for (let index = 0; index < 30_000 && wire.pressure !== 'full'; index++) {
      wire.send(batch(index, 'x'.repeat(300)));
      found.add(wire.pressure);
      if (index % 200 === 0) await soon(1);
    }
    assert.deepEqual([...found], ['none', 'some', 'full']);
    await host.close();
    await wire.close();
  });
});

describe('what a program tells of itself', function () {
  this.timeout(30_000);
  const api = JSON.stringify(join(root, 'src/probe/api/api.ts'));

  for (const [how, options] of [
    ['under the preload', {}],
    ['without it', { env: { NODE_OPTIONS: '' }, bare: true }],
  ] as const) {
    it(`reaches the host over the socket, ${how}, up to its last word`, async () => {
      const cwd = folderOf({
        'main.mjs': `const { span, cache, count } = await import(${api});\nfor (let i = 0; i < 40; i++) span('step', () => i);\ncache('store').hit(3);\ncount('files', 5);\n`,
      });
      const seen = await profiled(['main.mjs'], { cwd, ...options });
      assert.deepEqual([seen.status, seen.stderr, seen.faults], [0, '', []]);
      const all = told(seen.batches);
      assert.equal(all.find(({ name }) => name === 'step')?.count, 40);
      assert.equal(all.find(({ name }) => name === 'store')?.hits, 3);
      const counters = seen.batches.flatMap((batch) => batch.counters ?? []);
      assert.equal(
        counters.reduce((sum, { delta }) => sum + delta, 0),
        5,
      );
      assert.equal(new Set(seen.batches.map(({ source }) => source)).size, 1);
    });
  }

  it('is told by lru-cache and by sockets without a change', async () => {
    const lru = JSON.stringify(join(root, 'node_modules/lru-cache/dist/esm/node/index.js'));
    const cwd = folderOf({
      'main.mjs': `import { LRUCache } from ${lru};
import { createServer, connect } from 'node:net';
const cache = new LRUCache({ max: 10 });
for (let i = 0; i < 30; i++) { cache.set(i % 5, i); cache.get(i % 5); cache.get('absent' + i); cache.has(1); }
await new Promise((done) => { const server = createServer((socket) => socket.pipe(socket)).listen(0, () => {
  const client = connect(server.address().port, () => client.end(Buffer.alloc(5000)));
  let bytes = 0;
  client.on('data', (chunk) => { bytes += chunk.length; });
  client.on('close', () => { console.log(bytes); server.close(done); });
}); });
`,
    });
    const seen = await profiled(['main.mjs'], { cwd });
    assert.equal(seen.stdout, '5000\n');
    const found = told(seen.batches).find(({ name }) => name === 'lru-cache');
    assert.deepEqual([found?.hits, found?.misses], [30, 30]);
    const gauges = new Map(seen.batches.flatMap((batch) => batch.gauges ?? []).map(({ name, value }) => [name, value]));
    // Both ends are this program's: each byte goes out and comes in twice.
    assert.deepEqual([gauges.get('bytes in'), gauges.get('bytes out')], [10_000, 10_000]);
  });
});
