/** What the guest costs a Python program that knows nothing of it: whole processes, with and without, taking turns. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { guestEnvironment } from '../../src/node/environment.ts';
import { Listener } from '../../src/node/socket.ts';
import type { Wishes } from '../../src/protocol/control.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const root = resolve(import.meta.dirname, '../..');
const pairs = 9;

/** Hashes, words and matrices: functions that run for some microseconds up to milliseconds, some ten thousand calls. */
const computing = `
def digest(text):
    value = 2166136261
    for letter in text.encode(): value = (value ^ letter) * 16777619 & 0xffffffff
    return value
def words(n): return ['w%d' % digest('seed%d' % i) for i in range(n)]
def group(names):
    groups = {}
    for name in names: groups.setdefault(name[:3], []).append(name)
    return groups
def product(n):
    a = [[1.5] * n for _ in range(n)]
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*a)] for row in a]
def main():
    for _ in range(5): print(len(group(sorted(words(12000)))), product(60)[0][0])
main()
`;

/** The worst there is: hardly anything but calls. */
const calling = `
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(29))
`;

const waiting = `
import asyncio
async def serve(reader, writer):
    while True:
        line = await reader.readline()
        if not line: break
        writer.write(line)
        await writer.drain()
    writer.close()
async def ask(port):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    for n in range(400): await turn(reader, writer, n)
    writer.close()
async def turn(reader, writer, n):
    writer.write(b'%d\\n' % n)
    return await reader.readline()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(ask(port) for _ in range(8)))
    server.close()
asyncio.run(main())
`;

const cases: readonly { readonly name: string; readonly text: string; readonly limit: number }[] = [
  { name: 'a Python program that computes', text: computing, limit: 1.1 },
  { name: 'a Python program that only calls', text: calling, limit: 1.1 },
  { name: 'an asyncio echo server and its clients', text: waiting, limit: 1.1 },
];

export async function python(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  let batches = 0;
  const listener = await Listener.open({ onMessage: () => batches++, onFault: (what) => console.error(what) });
  const wishes: Wishes = { samplingNs: 1e6, exact: [], budgetRatio: 0.01, workspace: folder };
  const env = guestEnvironment({ runId: 'bench', dist: join(root, 'dist'), wishes, listener: listener.environment });
  try {
    writeFileSync(join(folder, 'empty.py'), 'pass\n');
    const start = await compare([join(folder, 'empty.py')], env);
    const startMs = medianOf(start.map(({ withMs, withoutMs }) => withMs - withoutMs));
    const figures: Figure[] = [
      {
        name: 'start of a Python guest',
        value: startMs,
        unit: 'ms',
        how: `median of ${pairs} pairs of an empty program`,
      },
    ];
    for (const { name, text, limit } of cases) {
      const file = join(folder, 'program.py');
      writeFileSync(file, text);
      const before = batches;
      const ratios = (await compare([file], env)).map(({ withMs, withoutMs }) => withMs / withoutMs);
      if (batches === before)
        throw new Error('The guest said nothing, so nothing was measured. Run npm run build first.');
      const ratio = medianOf(ratios);
      const how = `median of ${pairs} pairs, ${ratios.map((value) => value.toFixed(2)).join(' ')}`;
      figures.push({
        name: `zero-code guest, ${name}`,
        value: ratio,
        unit: '× wall time',
        ...goal('≤', limit, ratio),
        how,
      });
    }
    return figures;
  } finally {
    await listener.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pair {
  readonly withMs: number;
  readonly withoutMs: number;
}

/** The order turns, so that what warms up or tires is on both sides; both keep their bytecode, as Python does by itself. */
async function compare(parameters: readonly string[], guest: NodeJS.ProcessEnv): Promise<Pair[]> {
  const alone: NodeJS.ProcessEnv = { ...process.env, PYTHONDONTWRITEBYTECODE: '' };
  const env: NodeJS.ProcessEnv = { ...guest, PYTHONDONTWRITEBYTECODE: '' };
  await lasting(parameters, env);
  const found: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const first = await lasting(parameters, pair % 2 === 0 ? alone : env);
    const second = await lasting(parameters, pair % 2 === 0 ? env : alone);
    found.push(pair % 2 === 0 ? { withMs: second, withoutMs: first } : { withMs: first, withoutMs: second });
  }
  return found;
}

/** Milliseconds from the start to the end of a process. */
function lasting(parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startMs = performance.now();
  return new Promise((done, fail) => {
    const child = spawn('python3', parameters, { env, stdio: 'ignore' });
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done(performance.now() - startMs) : fail(new Error(`${parameters.join(' ')} ended with ${code}`)),
    );
  });
}
