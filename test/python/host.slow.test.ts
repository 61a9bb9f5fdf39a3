/** Checks the Python probe with different hosts: none, a slow one, a new one, one that changes the configuration. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBatch } from '../../src/protocol/batch/batch.ts';
import { bucketOf } from '../../src/protocol/batch/buckets.ts';
import { findInterpreters } from './interpreters.ts';
import {
  guestEnvironment,
  moduleFolders,
  probeFolder,
  ReceivedBatches,
  runPlain,
  runProfiled,
} from './profiled-python.ts';

let folder = '';

const write = (text: string): void => writeFileSync(join(folder, 'main.py'), text);

/** Calls a function at a steady pace until the file `stop` exists. */
const steadyProgram = `import os, time
def step(): pass
n = 0
def main():
    global n
    while not os.path.exists('stop') and n < 20_000:
        step(); n += 1
        time.sleep(0.002)
main()
print(n)
`;

/** A host that can drop its connections and continue under another name. */
class TestHost {
  readonly received = new ReceivedBatches();
  readonly #server = createServer((socket) => this.#greet(socket));
  #sockets: Socket[] = [];
  #name: string;
  /** While true, new connections are not read. */
  isPaused = false;

  constructor(name: string) {
    this.#name = name;
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(path, resolve));
  }

  async waitUntil(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(20);
  }

  broadcast(control: object): void {
    for (const socket of this.#sockets) socket.write(`${JSON.stringify(control)}\n`);
  }

  resume(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Drops all connections; the host continues under this name. */
  disconnect(name: string): void {
    this.#name = name;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets = [];
  }

  #greet(socket: Socket): void {
    let partialLine = '';
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (partialLine + chunk.toString('utf8')).split('\n');
      partialLine = lines.pop() ?? '';
      for (const line of lines) this.received.receive(JSON.parse(line));
    });
    if (this.isPaused) socket.pause();
    socket.write(`${JSON.stringify({ type: 'welcome', host: this.#name })}\n`);
  }
}

describe('Python probe', () => {
  const [{ path: python } = { path: 'python3' }] = findInterpreters();
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'host-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(path: string, args: readonly string[] = ['main.py']) {
    const env = { ...guestEnvironment({ cwd: folder }), PIPESCOPE_SOCKET: path, PYTHONDONTWRITEBYTECODE: '1' };
    return runPlain(python, args, { cwd: folder, env });
  }

  it('uses the same buckets as the Node probe', () => {
    const values = Array.from({ length: 44 }, (_, bit) => 2 ** bit).flatMap((power) => [
      power - 1,
      power,
      power + 1,
      Math.floor(power * 1.37),
      Math.floor(power * 1.99),
    ]);
    const code = `import sys; sys.path[:0] = ${JSON.stringify(moduleFolders)}
from pipescope_operation import bucket_of
print([bucket_of(value) for value in ${JSON.stringify(values)}])`;
    const buckets = JSON.parse(execFileSync(python, ['-c', code], { encoding: 'utf8' })) as number[];
    assert.deepEqual(buckets, values.map(bucketOf));
  });

  it('does not disturb the program if there is no host', async () => {
    write('def f(): return 5\nprint(f())\n');
    for (const path of [join(folder, 'missing'), '', 'nonsense', '127.0.0.1:1']) {
      const { stdout, stderr, code } = await start(path);
      assert.deepEqual([stdout, stderr, code], ['5\n', '', 0], path);
    }
  });

  it('sends the token to a host on the network', async () => {
    write('def f(): return 5\nprint(f())\n');
    const { received, stdout } = await runProfiled(python, ['main.py'], { cwd: folder, network: true });
    assert.deepEqual([stdout, received.errors], ['5\n', []]);
    assert.ok((received.batches[0]?.hello?.token ?? '').length > 20);
    assert.equal(received.totalOf('main.py:f').count, 1);
  });

  it('connects to a host that starts later, and sends the totals to a host with another name', async () => {
    write(steadyProgram);
    const path = join(folder, 'socket');
    const program = start(path);
    await sleep(300);
    const first = new TestHost('first');
    await first.listen(path);
    await first.waitUntil(() => (first.received.totals.get('main.py:step')?.count ?? 0) > 0);
    // The same host again: the probe continues without repeating the totals.
    const batchesBefore = first.received.batches.length;
    first.disconnect('first');
    await first.waitUntil(() => first.received.batches.length > batchesBefore + 1);
    await first.close();
    const second = new TestHost('second');
    await second.listen(path);
    await second.waitUntil(() => (second.received.totals.get('main.py:step')?.count ?? 0) > 0);
    writeFileSync(join(folder, 'stop'), '');
    const { stdout, stderr } = await program;
    await second.waitUntil(() => second.received.batches.at(-1)?.bye !== undefined);
    assert.equal(stderr, '');
    assert.deepEqual([...first.received.errors, ...second.received.errors], []);
    assert.equal(second.received.totalOf('main.py:step').count, Number(stdout));
    assert.equal(second.received.batches[0]?.sequence, 0);
    assert.ok(second.received.batches[0]?.hello);
    assert.equal(first.received.batches.filter((batch) => batch.hello).length, 1);
    assert.equal(first.received.missingBatches + second.received.missingBatches, 0);
    await second.close();
  });

  it('does not block if the host does not read, and loses no counts', async () => {
    // Every name is new, so that the pending data exceeds the system's socket buffer.
    const names = 'from pipescope_probe import record\nfor n in range(4000): record("n%d" % n + "x" * 150, 10)\n';
    write(`import time\n${names}def step(): pass\nfor n in range(300): step(); time.sleep(0.002)\nprint(n + 1)\n`);
    const path = join(folder, 'socket');
    const host = new TestHost('paused');
    host.isPaused = true;
    await host.listen(path);
    const program = start(path);
    await sleep(1000);
    host.resume();
    const { stdout, stderr } = await program;
    await host.waitUntil(() => host.received.batches.at(-1)?.bye !== undefined);
    assert.equal(stderr, '');
    assert.equal(host.received.totalOf('main.py:step').count, Number(stdout));
    assert.equal([...host.received.totals.keys()].filter((key) => key.startsWith('main.py:n')).length, 4000);
    await host.close();
  });

  it('times fewer calls of functions that are called too often, except requested ones', async () => {
    write(`import time
def hot(): pass
def requested(): pass
def rare(): time.sleep(0.01)
end = time.time() + 2
n = 0
while time.time() < end:
    for _ in range(2000): hot(); requested(); n += 1
    rare()
print(n)
`);
    const exact = [{ file: 'main.py', name: 'requested' }];
    const { received, stdout } = await runProfiled(python, ['main.py'], { cwd: folder, budgetRatio: 0.01, exact });
    const [hot, requested, rare] = ['hot', 'requested', 'rare'].map((name) => received.totalOf(`main.py:${name}`));
    assert.ok(hot && requested && rare);
    assert.deepEqual(received.errors, []);
    assert.equal(requested.count, Number(stdout));
    assert.equal(requested.timed, requested.count);
    assert.ok(hot.timed < requested.timed / 2, `${hot.timed} of ${requested.timed} timed`);
    assert.equal(rare.timed, rare.count);
    // A function is marked as partial exactly if not all of its calls were counted.
    const partial = received.batches.flatMap(({ operations = [] }) => operations.filter((delta) => delta.partial));
    const hotId = received.batches
      .flatMap(({ definitions = [] }) => definitions)
      .find(({ name }) => name === 'hot')?.id;
    assert.equal(
      partial.some(({ id }) => id === hotId),
      hot.count < Number(stdout),
      `${hot.count} of ${stdout} counted`,
    );
    assert.ok(partial.every(({ id }) => id === hotId));
  });

  it('times a function that the host requests while the program runs', async () => {
    write(`import time, os
def hot(): pass
while not os.path.exists('stop'):
    for _ in range(5000): hot()
    time.sleep(0.001)
`);
    const path = join(folder, 'socket');
    const host = new TestHost('configuring');
    await host.listen(path);
    const env = { ...guestEnvironment({ cwd: folder, budgetRatio: 0.0001 }), PIPESCOPE_SOCKET: path };
    const program = runPlain(python, ['main.py'], { cwd: folder, env });
    const timed = (): number => host.received.totals.get('main.py:hot')?.timed ?? 0;
    const count = (): number => host.received.totals.get('main.py:hot')?.count ?? 0;
    await host.waitUntil(() => count() > 10_000 && timed() < count() / 2);
    const config = { samplingNs: 0, exact: [{ file: join(folder, 'main.py'), line: 2 }], budgetRatio: 0.0001 };
    host.broadcast({ type: 'nonsense' });
    host.broadcast({ type: 'wish', wishes: { ...config, workspace: folder } });
    host.broadcast({ type: 'flush' });
    const timedAtFirst = timed();
    await host.waitUntil(() => timed() > timedAtFirst + 50_000);
    const [timedBefore, countBefore] = [timed(), count()];
    await host.waitUntil(() => timed() > timedBefore + 20_000);
    assert.equal(timed() - timedBefore, count() - countBefore);
    writeFileSync(join(folder, 'stop'), '');
    assert.equal((await program).stderr, '');
    await host.close();
  });

  it('sends the records of the probe API in valid batches', async () => {
    write(`import asyncio
from pipescope_probe import span, record, cache, gauge, count
@span('reading', component='reader', size=3, odd=float('nan'), none=None)
def parse(text): return int(text)
@span('waiting')
async def later(): await asyncio.sleep(0.02); return 3
for text in ('1', '2', 'x'):
    try: parse(text)
    except ValueError: pass
with span('block', component='reader'):
    print(parse('7'), asyncio.run(later()), parse.__name__)
record('fetch', 123456, component='network', error='Timeout')
lookup = cache('lookup')
for n in range(5): lookup.hit() if n else lookup.miss()
gauge('queue', 7); gauge('bad', float('inf')); count('files', 3); count('files')
`);
    const { received, stdout, stderr } = await runProfiled(python, ['main.py'], { cwd: folder });
    assert.deepEqual([stdout, stderr, received.errors], ['7 3 parse\n', '', []]);
    assert.ok(received.batches.every(isBatch));
    const reading = received.totalOf('main.py:reading');
    assert.deepEqual(
      [reading.definition.component, reading.definition.line, reading.definition.kind],
      ['reader', 3, 'function'],
    );
    assert.deepEqual([reading.count, reading.errors, reading.errorTypes], [4, 1, { ValueError: 1 }]);
    assert.ok(received.totalOf('main.py:waiting').totalNs >= 19e6);
    assert.deepEqual(
      [received.totalOf('main.py:fetch').totalNs, received.totalOf('main.py:fetch').errorTypes],
      [123456, { Timeout: 1 }],
    );
    assert.deepEqual([received.totalOf('main.py:lookup').hits, received.totalOf('main.py:lookup').misses], [4, 1]);
    const counters = received.batches.flatMap((batch) => batch.counters ?? []);
    assert.equal(
      counters.reduce((sum, { delta }) => sum + delta, 0),
      4,
    );
    const gauges = received.batches.flatMap((batch) => batch.gauges ?? []);
    assert.deepEqual(gauges, [{ component: 'main', name: 'queue', value: 7, unit: '1' }]);
    const spans = received.batches.flatMap((batch) => batch.spans ?? []);
    assert.deepEqual(spans.find(({ error }) => error === 'ValueError')?.attributes, { size: 3 });
    assert.equal(received.batches.at(-1)?.bye?.reason, 'end');
    assert.ok((received.batches[0]?.resources?.rssBytes ?? 0) > 1e6);
  });

  it('does nothing in a program that was not started by a profiler', async () => {
    write(
      'from pipescope_probe import span, count\nwith span("a"): count("n")\n@span("b")\ndef f(): return 1\nprint(f())\n',
    );
    const plain = await runPlain(python, ['main.py'], { cwd: folder, env: { PYTHONPATH: probeFolder } });
    assert.deepEqual([plain.stdout, plain.stderr, plain.code], ['1\n', '', 0]);
  });

  it('loses at most one report if the program is killed', async () => {
    write(steadyProgram.replace('print(n)', ''));
    const { received, stdout } = await runProfiled(python, ['-c', `import main`], {
      cwd: folder,
      onStarted: () => void sleep(1500).then(() => writeFileSync(join(folder, 'stop'), '')),
    });
    assert.equal(stdout, '');
    assert.ok(received.totalOf('main.py:step').count > 50);
    write(`import os, signal, time
def step(): pass
for n in range(500): step(); time.sleep(0.002)
print(n + 1, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
`);
    const killed = await runProfiled(python, ['main.py'], { cwd: folder });
    assert.equal(killed.signal, 'SIGKILL');
    const last = killed.received.batches.at(-1);
    assert.equal(last?.bye, undefined);
    // One report interval and the ticks around it, with steps of at least 2 ms.
    assert.ok(killed.received.totalOf('main.py:step').count >= Number(killed.stdout) - 400 / 2);
  });
});
