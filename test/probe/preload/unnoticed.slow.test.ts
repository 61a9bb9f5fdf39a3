/** Checks that a profiled program prints and returns exactly what it does without the probe. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createProgramFolder, operationsIn, runPlain, runProfiled } from '../profiled-program.ts';

interface Program {
  readonly files: Readonly<Record<string, string>>;
  /** Expected outcome without the probe: if it differs, the comparison would prove nothing. */
  readonly status?: number;
  readonly signal?: NodeJS.Signals;
  readonly env?: NodeJS.ProcessEnv;
}

const busy = 'const until = performance.now() + 60; while (performance.now() < until);';

const programs: Readonly<Record<string, Program>> = {
  'ends by itself': { files: { 'main.cjs': `${busy} console.log('out'); console.error('err');` } },
  'is a module': { files: { 'main.mjs': `${busy} await null; console.log(new Error('here').stack);` } },
  'is TypeScript': { files: { 'main.ts': `const x: number = 1; console.log(x, new Error('here').stack);` } },
  'calls process.exit': { files: { 'main.cjs': `${busy} console.log('out'); process.exit(7);` }, status: 7 },
  'sets an exit code': { files: { 'main.cjs': `process.on('exit', () => { process.exitCode = 9; });` }, status: 9 },
  throws: { files: { 'main.cjs': `function deep() { null.x; }\n${busy}\ndeep();` }, status: 1 },
  'throws in a module': { files: { 'main.mjs': `export function deep() { null.x; }\n${busy}\ndeep();` }, status: 1 },
  rejects: { files: { 'main.cjs': `Promise.reject(new TypeError('no'));` }, status: 1 },
  'waits for what never comes': { files: { 'main.mjs': 'await new Promise(() => {});' }, status: 13 },
  'kills itself': { files: { 'main.cjs': `${busy} process.kill(process.pid, 'SIGKILL');` }, signal: 'SIGKILL' },
  'is terminated': {
    files: { 'main.cjs': `setTimeout(() => process.kill(process.pid, 'SIGTERM'), 300); setInterval(() => {}, 50);` },
    signal: 'SIGTERM',
  },
  'is interrupted while busy': {
    files: { 'main.cjs': `${busy} process.kill(process.pid, 'SIGINT'); for (;;);` },
    signal: 'SIGINT',
  },
  'handles a signal': {
    files: {
      'main.cjs': `process.on('SIGTERM', () => { console.log('asked'); process.exit(4); }); setInterval(() => {}, 50); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 200);`,
    },
    status: 4,
  },
  'gets a warning at its start': {
    files: { 'main.cjs': `process.on('warning', (w) => console.error('warning', w.name)); console.error('first');` },
    env: { NODE_OPTIONS: '--no-warnings --permission --allow-worker --allow-inspector --allow-fs-read=*' },
  },
  'has a syntax error': { files: { 'main.cjs': 'const = 1;' }, status: 1 },
  'runs a worker that fails': {
    files: {
      'main.cjs': `const { Worker } = require('node:worker_threads'); new Worker(require.resolve('./job.cjs'), { workerData: 5 }).on('error', (e) => console.log(e.message, e.stack.split('\\n').length)).on('exit', (c) => console.log('exit', c));`,
      'job.cjs': `const { workerData, parentPort } = require('node:worker_threads'); console.log(workerData); throw new Error('in the worker');`,
    },
  },
  'ends a worker': {
    files: {
      'main.cjs': `const { Worker } = require('node:worker_threads'); const w = new Worker('for (;;);', { eval: true }); setTimeout(() => w.terminate().then((c) => console.log('ended', c)), 300);`,
    },
  },
  'waits for a worker in Atomics.wait': {
    files: {
      'main.cjs': `const { Worker } = require('node:worker_threads'); const s = new Int32Array(new SharedArrayBuffer(4)); const w = new Worker(require.resolve('./job.cjs'), { workerData: s }); console.log(Atomics.wait(s, 0, 0, 10000), s[0]); w.unref();`,
      'job.cjs': `const { workerData } = require('node:worker_threads'); Atomics.store(workerData, 0, 42); Atomics.notify(workerData, 0);`,
    },
  },
  'talks to a forked child': {
    files: {
      'main.cjs': `const c = require('node:child_process').fork(require.resolve('./child.cjs'), ['x'], { execArgv: ['--no-warnings'] }); c.on('message', (m) => console.log('received', m)); c.on('exit', (code) => console.log('exit', code)); c.send('hello');`,
      'child.cjs': `process.once('message', (m) => { process.send([m, process.argv[2], process.execArgv]); process.exitCode = 3; });`,
    },
  },
  'is a cluster': {
    files: {
      'main.cjs': `const cluster = require('node:cluster'); const http = require('node:http');
        if (cluster.isPrimary) { const w = cluster.fork(); w.on('listening', ({ port }) => http.get({ port }, (r) => { r.on('data', (d) => console.log(String(d))); r.on('end', () => w.disconnect()); })); w.on('exit', (c) => console.log('exit', c)); }
        else http.createServer((q, r) => r.end('served')).listen(0);`,
    },
  },
  'starts node by a shell': {
    files: {
      'main.cjs': `console.log(require('node:child_process').execSync('node -p "process.argv.length + process.execArgv.length"').toString());`,
    },
  },
  'inspects itself': {
    files: {
      'main.cjs': `console.log(process.execArgv, process.argv.length, Object.keys(globalThis), Object.keys(process.env).filter((n) => /^PIPE/.test(n)).length > -1, typeof process.send, process.listenerCount('SIGTERM'), process.listenerCount('uncaughtException'), process.getActiveResourcesInfo(), module.parent, require.main === module);`,
    },
  },
  'uses and replaces the console': {
    files: {
      'main.cjs': `console.profile('x'); console.profileEnd('x'); console.log = (x) => process.stdout.write('mine ' + x + '\\n'); ${busy} console.log('done');`,
    },
  },
  'reads its NODE_OPTIONS': {
    files: {
      'main.cjs': `console.log(process.env.NODE_OPTIONS.startsWith('--max-old-space-size=300'), require('node:v8').getHeapStatistics().heap_size_limit < 500e6);`,
    },
    env: { NODE_OPTIONS: '--max-old-space-size=300' },
  },
  'evaluates code': {
    files: {
      'main.cjs': `const vm = require('node:vm'); console.log(vm.runInNewContext('1 + 1; typeof Pipescope'), new Function('return this === globalThis')(), eval('2 + 2')); try { vm.runInThisContext('null.x', 'made.js'); } catch (e) { console.log(e.stack); }`,
    },
  },
  'replaces emit of the process': {
    files: {
      'main.cjs': `const emit = process.emit; process.emit = function (name, ...rest) { if (name === 'exit') console.log('exit', Object.getOwnPropertyNames(process).includes('emit')); return emit.call(this, name, ...rest); };
        ${busy} process.on('exit', (code) => { console.log(code, process.listenerCount('exit'), new Error('here').stack); delete process.emit; }); process.exitCode = 4;`,
    },
    status: 4,
  },
  'leaves by the internal function': {
    files: {
      'main.cjs': `const leave = process.reallyExit; process.reallyExit = (code) => { console.log('leaves', code); leave.call(process, 6); }; process.on('exit', () => console.log('exit')); ${busy} process.reallyExit(5);`,
    },
    status: 6,
  },
  'exits while it exits': {
    files: {
      'main.cjs': `process.on('exit', () => { console.log('first'); process.exit(5); }); ${busy} process.exit(1);`,
    },
    status: 5,
  },
  'throws while it exits': { files: { 'main.cjs': `process.on('exit', () => { null.x; }); ${busy}` }, status: 1 },
  'aborts after an uncaught exception in a domain': {
    files: {
      'main.cjs': `const d = require('node:domain').create(); d.on('error', (error) => { console.log('caught', error.message, process.domain === d); process.exit(8); }); d.run(() => setTimeout(() => { ${busy} throw new Error('inside'); }, 1));`,
    },
    status: 8,
  },
  'has as many exit listeners as Node permits': {
    files: {
      'main.cjs': `for (let i = 0; i < 10; i++) process.on('exit', () => {}); console.log(process.listenerCount('exit'), process.eventNames());`,
    },
  },
  'sends itself signals that do not end it': {
    files: {
      'main.cjs': `process.kill(process.pid, 'SIGCONT'); process.kill(process.pid, 'SIGWINCH'); process.kill(process.pid, 0); ${busy} setTimeout(() => console.log('goes on'), 100);`,
    },
  },
  'listens for new workers': {
    files: {
      'main.cjs': `process.on('worker', (worker) => console.log('worker', typeof worker.threadId)); const { Worker } = require('node:worker_threads'); setTimeout(() => new Worker('', { eval: true }), 20);`,
    },
  },
  'prints much': {
    files: { 'main.cjs': `for (let i = 0; i < 3000; i++) console.log('line', i);` },
  },
};

/** Other installed versions of Node. */
const otherNodes = ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path));

describe('a program that is profiled', function () {
  this.timeout(60_000);

  for (const [what, { files, status = 0, signal, env }] of Object.entries(programs)) {
    it(`behaves the same: ${what}`, async () => {
      const cwd = createProgramFolder(files);
      const main = Object.keys(files)[0] ?? '';
      const options = { cwd, ...(env ? { env } : {}) };
      const expected = runPlain([main], options);
      assert.equal(expected.signal ?? expected.status, signal ?? status);
      const profiled = await runProfiled([main], options);
      assert.deepEqual(
        { status: profiled.status, signal: profiled.signal, stdout: profiled.stdout, stderr: profiled.stderr },
        expected,
      );
      assert.deepEqual(profiled.errors, []);
      // The program has really been profiled.
      assert.ok(profiled.batches.some((batch) => batch.hello));
    });
  }

  it('behaves the same if no host listens', () => {
    const cwd = createProgramFolder({ 'main.cjs': `${busy} console.log('out');` });
    const expected = runPlain(['main.cjs'], { cwd });
    const actual = runPlain(['main.cjs'], { cwd, env: { PIPESCOPE_SOCKET: `${cwd}/missing` } });
    assert.deepEqual(actual, expected);
  });

  for (const node of otherNodes) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    it(`behaves the same and is profiled in Node ${version}`, async () => {
      const cwd = createProgramFolder({
        'main.cjs': `function work() { ${busy.replace('60', '400')} }\nwork(); console.log('out'); null.x`,
      });
      const expected = runPlain(['main.cjs'], { cwd, node });
      const profiled = await runProfiled(['main.cjs'], { cwd, node });
      assert.deepEqual(
        [profiled.status, profiled.stdout, profiled.stderr],
        [expected.status, expected.stdout, expected.stderr],
      );
      assert.equal(profiled.batches[0]?.hello?.runtime, `node ${version.slice(1)}`);
      // It runs for 400 ms, and has less CPU time on a busy machine.
      assert.ok(operationsIn(profiled.batches).some(({ name, selfNs }) => name === 'work' && selfNs > 5e6));
    });
  }
});
