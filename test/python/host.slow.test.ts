/** The Python guest and its host: no host, a slow one, another one, wishes, and what a program says by itself. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bucketOf } from '../../src/probe/record/buckets.ts';
import { isBatch } from '../../src/protocol/batch.ts';
import { guestVariables, Heard, probeFolder, runAlone, runGuest } from './guest.ts';
import { interpreters } from './interpreters.ts';

let folder = '';

const write = (text: string): void => writeFileSync(join(folder, 'main.py'), text);

/** A function that is called at a steady pace until a file appears. */
const steady = `import os, time
def step(): pass
n = 0
def main():
    global n
    while not os.path.exists('over') and n < 20_000:
        step(); n += 1
        time.sleep(0.002)
main()
print(n)
`;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A host of our own that says who it is, and can hang up and come back under another name. */
class Host {
  readonly heard = new Heard();
  readonly #server = createServer((socket) => this.#greet(socket));
  #sockets: Socket[] = [];
  #name: string;
  /** Reads nothing while set. */
  deaf = false;

  constructor(name: string) {
    this.#name = name;
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(path, done));
  }

  async until(is: () => boolean): Promise<void> {
    while (!is()) await pause(20);
  }

  say(line: object): void {
    for (const socket of this.#sockets) socket.write(`${JSON.stringify(line)}\n`);
  }

  hear(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  /** Hangs up on everyone, but stays. */
  hangUp(name: string): void {
    this.#name = name;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets = [];
  }

  #greet(socket: Socket): void {
    let rest = '';
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.heard.take(JSON.parse(line));
    });
    if (this.deaf) socket.pause();
    socket.write(`${JSON.stringify({ type: 'welcome', host: this.#name })}\n`);
  }
}

describe('the Python guest and its host', () => {
  const [{ path: python } = { path: 'python3' }] = interpreters();
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'host-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(path: string, args: readonly string[] = ['main.py']) {
    const env = { ...guestVariables({ cwd: folder }), PIPESCOPE_SOCKET: path, PYTHONDONTWRITEBYTECODE: '1' };
    return runAlone(python, args, { cwd: folder, env });
  }

  it('puts durations into the buckets of the other probe', () => {
    const values = Array.from({ length: 44 }, (_, bit) => 2 ** bit).flatMap((power) => [
      power - 1,
      power,
      power + 1,
      Math.floor(power * 1.37),
      Math.floor(power * 1.99),
    ]);
    const code = `import sys; sys.path.insert(0, ${JSON.stringify(probeFolder)})
from pipescope_operation import bucket_of
print([bucket_of(value) for value in ${JSON.stringify(values)}])`;
    const told = JSON.parse(execFileSync(python, ['-c', code], { encoding: 'utf8' })) as number[];
    assert.deepEqual(told, values.map(bucketOf));
  });

  it('does without a host that is not there', async () => {
    write('def f(): return 5\nprint(f())\n');
    for (const path of [join(folder, 'nobody'), '', 'nonsense', '127.0.0.1:1']) {
      const { stdout, stderr, code } = await start(path);
      assert.deepEqual([stdout, stderr, code], ['5\n', '', 0], path);
    }
  });

  it('proves to a host on the network that it was told of it', async () => {
    write('def f(): return 5\nprint(f())\n');
    const { heard, stdout } = await runGuest(python, ['main.py'], { cwd: folder, network: true });
    assert.deepEqual([stdout, heard.faults], ['5\n', []]);
    assert.ok((heard.batches[0]?.hello?.token ?? '').length > 20);
    assert.equal(heard.of('main.py:f').count, 1);
  });

  it('reaches a host that comes later, and tells another host everything anew', async () => {
    write(steady);
    const path = join(folder, 'socket');
    const program = start(path);
    await pause(300);
    const first = new Host('first');
    await first.listen(path);
    await first.until(() => (first.heard.totals.get('main.py:step')?.count ?? 0) > 0);
    // The same host again: what follows is only what is new.
    const before = first.heard.batches.length;
    first.hangUp('first');
    await first.until(() => first.heard.batches.length > before + 1);
    await first.close();
    const second = new Host('second');
    await second.listen(path);
    await second.until(() => (second.heard.totals.get('main.py:step')?.count ?? 0) > 0);
    writeFileSync(join(folder, 'over'), '');
    const { stdout, stderr } = await program;
    await second.until(() => second.heard.batches.at(-1)?.bye !== undefined);
    assert.equal(stderr, '');
    assert.deepEqual([...first.heard.faults, ...second.heard.faults], []);
    assert.equal(second.heard.of('main.py:step').count, Number(stdout));
    assert.equal(second.heard.batches[0]?.sequence, 0);
    assert.ok(second.heard.batches[0]?.hello);
    assert.equal(first.heard.batches.filter((batch) => batch.hello).length, 1);
    assert.equal(first.heard.gaps + second.heard.gaps, 0);
    await second.close();
  });

  it('is not held up by a host that does not read, and loses nothing to it', async () => {
    // Every name is new, so that what waits is more than the system keeps for a socket.
    const names = 'from pipescope_probe import record\nfor n in range(4000): record("n%d" % n + "x" * 150, 10)\n';
    write(`import time\n${names}def step(): pass\nfor n in range(300): step(); time.sleep(0.002)\nprint(n + 1)\n`);
    const path = join(folder, 'socket');
    const host = new Host('deaf');
    host.deaf = true;
    await host.listen(path);
    const program = start(path);
    await pause(1000);
    host.hear();
    const { stdout, stderr } = await program;
    await host.until(() => host.heard.batches.at(-1)?.bye !== undefined);
    assert.equal(stderr, '');
    assert.equal(host.heard.of('main.py:step').count, Number(stdout));
    assert.equal([...host.heard.totals.keys()].filter((key) => key.startsWith('main.py:n')).length, 4000);
    await host.close();
  });

  it('thins out what is called too often, and what is wished for not at all', async () => {
    write(`import time
def hot(): pass
def wanted(): pass
def rare(): time.sleep(0.01)
end = time.time() + 2
n = 0
while time.time() < end:
    for _ in range(2000): hot(); wanted(); n += 1
    rare()
print(n)
`);
    const exact = [{ file: 'main.py', name: 'wanted' }];
    const { heard, stdout } = await runGuest(python, ['main.py'], { cwd: folder, budgetRatio: 0.01, exact });
    const [hot, wanted, rare] = ['hot', 'wanted', 'rare'].map((name) => heard.of(`main.py:${name}`));
    assert.ok(hot && wanted && rare);
    assert.deepEqual(heard.faults, []);
    assert.equal(wanted.count, Number(stdout));
    assert.equal(wanted.timed, wanted.count);
    assert.ok(hot.timed < wanted.timed / 2, `${hot.timed} of ${wanted.timed} timed`);
    assert.equal(rare.timed, rare.count);
    // What is not all says so, on the function itself.
    const partial = heard.batches.flatMap(({ operations = [] }) => operations.filter((one) => one.partial));
    const hotId = heard.batches.flatMap(({ definitions = [] }) => definitions).find(({ name }) => name === 'hot')?.id;
    assert.equal(
      partial.some(({ id }) => id === hotId),
      hot.count < Number(stdout),
      `${hot.count} of ${stdout} counted`,
    );
    assert.ok(partial.every(({ id }) => id === hotId));
  });

  it('times what a host wishes for while the program runs', async () => {
    write(`import time, os
def hot(): pass
while not os.path.exists('over'):
    for _ in range(5000): hot()
    time.sleep(0.001)
`);
    const path = join(folder, 'socket');
    const host = new Host('wishes');
    await host.listen(path);
    const env = { ...guestVariables({ cwd: folder, budgetRatio: 0.0001 }), PIPESCOPE_SOCKET: path };
    const program = runAlone(python, ['main.py'], { cwd: folder, env });
    const timed = (): number => host.heard.totals.get('main.py:hot')?.timed ?? 0;
    const counted = (): number => host.heard.totals.get('main.py:hot')?.count ?? 0;
    await host.until(() => host.heard.batches.some(({ operations }) => operations?.some(({ partial }) => partial)));
    await pause(600);
    const [wasTimed, wasCounted] = [timed(), counted()];
    const wishes = { samplingNs: 0, exact: [{ file: join(folder, 'main.py'), line: 2 }], budgetRatio: 0.0001 };
    host.say({ type: 'nonsense' });
    host.say({ type: 'wish', wishes: { ...wishes, workspace: folder } });
    host.say({ type: 'flush' });
    await host.until(() => timed() > wasTimed + 20_000);
    assert.equal(timed() - wasTimed, counted() - wasCounted);
    writeFileSync(join(folder, 'over'), '');
    assert.equal((await program).stderr, '');
    await host.close();
  });

  it('sends what a program says by itself, each batch as the protocol wants it', async () => {
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
    const { heard, stdout, stderr } = await runGuest(python, ['main.py'], { cwd: folder });
    assert.deepEqual([stdout, stderr, heard.faults], ['7 3 parse\n', '', []]);
    assert.ok(heard.batches.every(isBatch));
    const reading = heard.of('main.py:reading');
    assert.deepEqual(
      [reading.definition.component, reading.definition.line, reading.definition.kind],
      ['reader', 3, 'function'],
    );
    assert.deepEqual([reading.count, reading.errors, reading.errorTypes], [4, 1, { ValueError: 1 }]);
    assert.ok(heard.of('main.py:waiting').totalNs >= 19e6);
    assert.deepEqual(
      [heard.of('main.py:fetch').totalNs, heard.of('main.py:fetch').errorTypes],
      [123456, { Timeout: 1 }],
    );
    assert.deepEqual([heard.of('main.py:lookup').hits, heard.of('main.py:lookup').misses], [4, 1]);
    const counters = heard.batches.flatMap((batch) => batch.counters ?? []);
    assert.equal(
      counters.reduce((sum, { delta }) => sum + delta, 0),
      4,
    );
    const gauges = heard.batches.flatMap((batch) => batch.gauges ?? []);
    assert.deepEqual(gauges, [{ component: 'main', name: 'queue', value: 7, unit: '1' }]);
    const spans = heard.batches.flatMap((batch) => batch.spans ?? []);
    assert.deepEqual(spans.find((one) => one.error === 'ValueError')?.attributes, { size: 3 });
    assert.equal(heard.batches.at(-1)?.bye?.reason, 'end');
    assert.ok((heard.batches[0]?.resources?.rssBytes ?? 0) > 1e6);
  });

  it('does nothing in a program that no profiler started', async () => {
    write(
      'from pipescope_probe import span, count\nwith span("a"): count("n")\n@span("b")\ndef f(): return 1\nprint(f())\n',
    );
    const alone = await runAlone(python, ['main.py'], { cwd: folder, env: { PYTHONPATH: probeFolder } });
    assert.deepEqual([alone.stdout, alone.stderr, alone.code], ['1\n', '', 0]);
  });

  it('loses at most one beat to a kill', async () => {
    write(steady.replace('print(n)', '').replace("open('over')", ''));
    const { heard, stdout } = await runGuest(python, ['-c', `import main`], {
      cwd: folder,
      meanwhile: () => void pause(1500).then(() => writeFileSync(join(folder, 'over'), '')),
    });
    assert.equal(stdout, '');
    assert.ok(heard.of('main.py:step').count > 50);
    write(`import os, signal, time
def step(): pass
for n in range(500): step(); time.sleep(0.002)
print(n + 1, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
`);
    const killed = await runGuest(python, ['main.py'], { cwd: folder });
    assert.equal(killed.signal, 'SIGKILL');
    const last = killed.heard.batches.at(-1);
    assert.equal(last?.bye, undefined);
    // The steps of one beat and of the ticks around it: 2 ms each at least.
    assert.ok(killed.heard.of('main.py:step').count >= Number(killed.stdout) - 400 / 2);
  });
});
