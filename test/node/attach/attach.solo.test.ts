/** Attaches the real command to real programs. Alone, because Node opens every inspector at the same port. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSnapshotJson } from '../../../src/core/export/snapshot-json.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const root = join(import.meta.dirname, '../../..');

/** Work with planted shares: four fifths of it in `heavy`. */
const work = `
function hash(text, rounds) {
  let value = 2166136261;
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return value >>> 0;
}
function heavy() { return hash('abcdefghijklmnop', 40_000); }
function light() { return hash('ponmlkjihgfedcba', 10_000); }
function turn() { return heavy() + light(); }
`;

/** Prints all that a program can see of a sampler, when it receives a line, and ends after the second. */
const report = `
const look = () => JSON.stringify({
  symbols: Object.getOwnPropertySymbols(globalThis).map(String).sort(),
  globals: Object.getOwnPropertyNames(globalThis).length,
  variables: Object.keys(process.env).filter((name) => name.startsWith('PIPESCOPE')),
  modules: typeof require === 'function' ? Object.keys(require.cache) : [],
  events: [process.eventNames(), Object.getOwnPropertyNames(Object.getPrototypeOf(process))],
  limit: Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit'),
  prepare: typeof Error.prepareStackTrace,
});
let lines = 0;
process.stdin.on('data', () => { console.log(look()); if (++lines === 2) process.exit(3); });
`;

const loop = 'const spin = () => { turn(); setImmediate(spin); }; spin();';

interface Program {
  readonly file: string;
  readonly text: string;
  readonly node?: string;
}

const programs: Readonly<Record<string, Program>> = {
  'a CommonJS program': { file: 'main.cjs', text: `${work}${report}${loop}` },
  'an ES module': { file: 'main.mjs', text: `${work}${report}${loop}` },
  'a program in Node 18': { file: 'main.cjs', text: `${work}${report}${loop}`, node: nodeVersion(18) },
  'a program in Node 20': { file: 'main.mjs', text: `${work}${report}${loop}`, node: nodeVersion(20) },
  'a program in Node 26': { file: 'main.cjs', text: `${work}${report}${loop}`, node: nodeVersion(26) },
};

describe('pipescope attach', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    temporary.done();
  });

  interface Running {
    readonly child: ChildProcess;
    readonly pid: number;
    readonly output: { stdout: string; stderr: string };
  }

  function start(argv: readonly string[]): Running {
    const [command = '', ...args] = argv;
    const child = spawn(command, args, { cwd: temporary.path });
    children.push(child);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (output.stdout += text));
    child.stderr.on('data', (text) => (output.stderr += text));
    return { child, pid: child.pid as number, output };
  }

  /** Starts a program and waits until Node handles the signal that opens its inspector. */
  async function startProgram({ file, text, node = process.execPath }: Program): Promise<Running> {
    writeFileSync(join(temporary.path, file), text);
    const running = start([node, file]);
    await waitUntil(() => (signalMask(running.pid) & 0x200n) !== 0n);
    await sleep(300);
    return running;
  }

  function attach(pid: number | string, ...options: string[]): Running {
    const folders = ['--workspace', temporary.path, '--data', join(temporary.path, 'data')];
    return start([process.execPath, join(root, 'dist/cli.js'), 'attach', String(pid), ...folders, ...options]);
  }

  async function attachFor(pid: number, seconds: number): Promise<Snapshot> {
    const file = join(temporary.path, 'attached.json');
    const command = attach(pid, '--duration', String(seconds), '--snapshot', file);
    const [code] = await once(command.child, 'close');
    assert.equal(code, 0, command.output.stderr);
    return parseSnapshotJson(readFileSync(file, 'utf8'));
  }

  for (const [name, program] of Object.entries(programs)) {
    it(`samples ${name} and leaves nothing behind`, async () => {
      const { child, pid, output } = await startProgram(program);
      child.stdin?.write('before\n');
      await waitUntil(() => output.stdout.includes('\n'));
      const threads = readdirSync(`/proc/${pid}/task`).length;
      const snapshot = await attachFor(pid, 2);

      const total = (functionName: string): number =>
        snapshot.operations.find((operation) => operation.name === functionName)?.totalNs ?? 0;
      const share = total('heavy') / (total('heavy') + total('light'));
      assert.ok(share > 0.7 && share < 0.9, `heavy has ${share}`);
      assert.ok((snapshot.resources.cpuNs ?? 0) > total('turn') / 2);
      assert.equal(snapshot.run.result, 'success');

      await waitUntil(() => readdirSync(`/proc/${pid}/task`).length <= threads);
      assert.ok(!listensAt(pid, 9229));
      child.stdin?.write('after\n');
      const [code] = await once(child, 'close');
      assert.equal(code, 3);
      const [before, after] = output.stdout.split('\n');
      assert.ok(before?.includes('stackTraceLimit') || before?.includes('globals'));
      assert.equal(after, before);
      // Node itself announces its inspector.
      const unexpected = output.stderr
        .split('\n')
        .filter((line) => !/^(|Debugger (listening on|attached|ending on).*|For help, see: .*)$/.test(line));
      assert.deepEqual(unexpected, []);
    });
  }

  it('samples a thread that never returns to its event loop, and does so again', async () => {
    const { pid } = await startProgram({ file: 'main.cjs', text: `${work}for (;;) turn();` });
    for (let time = 0; time < 2; time++) {
      const snapshot = await attachFor(pid, 1);
      assert.ok((snapshot.operations.find(({ name }) => name === 'heavy')?.totalNs ?? 0) > 3e8);
      await waitUntil(() => !listensAt(pid, 9229));
    }
  });

  it('samples workers that were started before', async () => {
    const text = `${work}
      const { Worker, isMainThread } = require('node:worker_threads');
      if (isMainThread) { new Worker(__filename); setInterval(() => {}, 1000); } else { ${loop} }`;
    const { pid } = await startProgram({ file: 'main.cjs', text });
    const snapshot = await attachFor(pid, 2);
    assert.deepEqual(snapshot.processes.map(({ threadId }) => threadId > 0).sort(), [false, true]);
    assert.ok((snapshot.operations.find(({ name }) => name === 'heavy')?.totalNs ?? 0) > 3e8);
  });

  it('samples a Python program without its notice', async () => {
    const text = `import sys, time
def fill(n):
    total = 0
    for i in range(n): total += i * i
    return total
def heavy(): return fill(40000)
def light(): return fill(10000)
until = time.time() + 6
while time.time() < until: heavy(); light()
print(sorted(name for name in sys.modules if 'pipescope' in name), sys.gettrace(), sys.getprofile())
`;
    writeFileSync(join(temporary.path, 'main.py'), text);
    const { child, pid, output } = start(['python3', 'main.py']);
    await sleep(500);
    const snapshot = await attachFor(pid, 2);
    const total = (name: string): number =>
      snapshot.operations.find((operation) => operation.name === name)?.totalNs ?? 0;
    const share = total('heavy') / (total('heavy') + total('light'));
    assert.ok(share > 0.7 && share < 0.9, `heavy has ${share}`);
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.deepEqual(output, { stdout: '[] None None\n', stderr: '' });
  });

  it('ends with a program that ends', async () => {
    const { child, pid } = await startProgram({ file: 'main.cjs', text: `${work}${report}${loop}` });
    const command = attach(pid);
    await waitUntil(() => command.output.stderr.includes('Sampling process'));
    await sleep(600);
    child.stdin?.write('1\n');
    await sleep(100);
    child.stdin?.write('2\n');
    assert.deepEqual((await once(command.child, 'close'))[0], 0, command.output.stderr);
    assert.match(command.output.stderr, /heavy/);
  });

  it('leaves the program when it is interrupted, and when it is killed', async () => {
    const { pid } = await startProgram({ file: 'main.cjs', text: `${work}${report}${loop}` });
    const threads = readdirSync(`/proc/${pid}/task`).length;
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const command = attach(pid);
      await waitUntil(() => command.output.stderr.includes('Sampling process'));
      assert.ok(readdirSync(`/proc/${pid}/task`).length > threads);
      await waitUntil(() => !listensAt(pid, 9229));
      command.child.kill(signal);
      const [code] = await once(command.child, 'close');
      assert.equal(code, signal === 'SIGINT' ? 0 : null, command.output.stderr);
      await waitUntil(() => readdirSync(`/proc/${pid}/task`).length <= threads);
    }
  });

  it('explains why it cannot attach', async () => {
    const other = start(['sleep', '30']);
    const debugged = await startProgram({
      file: 'main.cjs',
      text: "require('node:inspector').open(0); setInterval(() => {}, 9);",
    });
    const deaf = await startProgram({
      file: 'main.cjs',
      text: "process.on('SIGUSR1', () => {}); setInterval(() => {}, 9);",
    });
    const rows: readonly (readonly [pid: number | string, message: RegExp])[] = [
      [other.pid, /runs sleep\. Pipescope can attach to Node and Python only/],
      [2 ** 30, /No process 1073741824 is running/],
      ['x', /process ID must be a positive whole number \(got “x”\)/],
      [debugged.pid, /did not open its inspector within 5 s\. .*opened its inspector earlier/],
      [deaf.pid, /did not open its inspector within 5 s\. .*handle SIGUSR1 itself/],
    ];
    for (const [pid, message] of rows) {
      const command = attach(pid, '--duration', '1');
      const [code] = await once(command.child, 'close');
      assert.notEqual(code, 0);
      assert.match(command.output.stderr, message);
    }
    for (const { child } of [other, debugged, deaf]) assert.equal(child.exitCode, null);
  });

  it('does not signal a program while another one uses the port of the inspector', async () => {
    const server = createServer().listen(9229, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { pid, output } = await startProgram({ file: 'main.cjs', text: `${work}${report}${loop}` });
      const command = attach(pid, '--duration', '1');
      assert.notEqual((await once(command.child, 'close'))[0], 0);
      assert.match(command.output.stderr, /Another process uses port 9229/);
      assert.equal(output.stderr, '');
    } finally {
      server.close();
    }
  });
});

async function waitUntil(condition: () => boolean): Promise<void> {
  for (let poll = 0; poll < 2000; poll++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`Waited in vain for: ${condition}`);
}

function signalMask(pid: number): bigint {
  const [, mask = '0'] = /^SigCgt:\s+([\da-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return BigInt(`0x${mask}`);
}

/** Returns true if any process of this machine listens at the port, which then belongs to the program. */
function listensAt(pid: number, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .some((line) => line.includes(`:${hex} `) && line.includes(' 0A '));
}
