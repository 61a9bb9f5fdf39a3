/** Samples programs that do unusual things: they must print and return exactly the same, and their numbers must hold. */
import { strict as assert } from 'node:assert';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createProgramFolder, operationsIn, runPlain, runProfiled } from '../profiled-program.ts';

interface OddProgram {
  readonly files: Readonly<Record<string, string>>;
  readonly parameters?: readonly string[];
  readonly status?: number;
  readonly signal?: NodeJS.Signals;
  /** Major versions of Node; by default the oldest and the newest. */
  readonly majors?: readonly Major[];
  /** Part of the output, which proves that the program did what it is for. */
  readonly shows: RegExp;
  /** A function that must have been sampled. */
  readonly sampled?: string;
}

type Major = keyof typeof nodes;

const nodes = {
  18: (): string => nodeVersion(18),
  20: (): string => nodeVersion(20),
  22: (): string => nodeVersion(22),
  24: (): string => process.execPath,
  26: (): string => nodeVersion(26),
};
const all: readonly Major[] = [18, 20, 22, 24, 26];
const oldestAndNewest: readonly Major[] = [18, 26];

/** Measured in CPU time, so that it is long enough to be sampled on a busy machine. */
const spin = `function spin(ms = 500) { let sum = 0; const { user } = process.cpuUsage(); while (process.cpuUsage().user - user < ms * 1000) for (let i = 0; i < 1e4; i++) sum += i; return sum; }\n`;

const main = (code: string): Readonly<Record<string, string>> => ({ 'main.cjs': spin + code });

const programs: Readonly<Record<string, OddProgram>> = {
  'defines Error.prepareStackTrace and accessors': {
    files: main(`let reads = 0; let formatted = 0;
      Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, get() { reads++; return 3; }, set() { throw new Error('set'); } });
      Object.defineProperty(Error, 'prepareStackTrace', { configurable: true, get() { reads++; return (error, frames) => { formatted++; return error.message + frames.length; }; }, set() { throw new Error('set'); } });
      spin(); console.log(reads, formatted); console.log(new Error('x').stack, formatted);`),
    majors: all,
    shows: /^0 0\n/,
    sampled: 'spin',
  },
  'freezes intrinsics': {
    files: main(`spin(); console.log(Object.isFrozen(Array.prototype));`),
    parameters: ['--frozen-intrinsics'],
    shows: /true/,
    sampled: 'spin',
  },
  'freezes the global object and what it needs': {
    files:
      main(`for (const frozen of [Error, Array, Array.prototype, Map.prototype, JSON, Object, Object.prototype, performance]) Object.freeze(frozen);
      spin(); console.log(Object.isFrozen(Map.prototype));`),
    shows: /true/,
    sampled: 'spin',
  },
  'replaces what sampling calls': {
    files:
      main(`const calls = []; const watch = (holder, name) => { const original = holder[name]; holder[name] = function (...rest) { calls[calls.length] = name; return original.apply(this, rest); }; };
      watch(Map.prototype, 'get'); watch(Map.prototype, 'set'); watch(JSON, 'stringify'); watch(Array.prototype, 'push'); watch(Error, 'captureStackTrace'); watch(Array, 'isArray');
      spin(); console.log(calls);`),
    majors: all,
    shows: /\[\]/,
    sampled: 'spin',
  },
  'breaks what the probe calls at the end': {
    files: main(
      `spin(); for (const [holder, name] of [[Array.prototype, 'push'], [Array.prototype, 'splice'], [Map.prototype, 'get'], [JSON, 'stringify'], [Object, 'entries']]) holder[name] = () => { throw new Error('broken ' + name); }; console.log('done');`,
    ),
    majors: all,
    shows: /^done/,
    sampled: 'spin',
  },
  'recurses until its stack overflows': {
    files: main(`let overflows = 0; let caught = 0;
      function deep(count) { return count < 0 ? 0 : deep(count + 1) + 1; }
      function guarded(count) { try { return guarded(count + 1); } catch { caught++; return count; } finally { caught += 0; } }
      const until = performance.now() + 600;
      while (performance.now() < until) { try { deep(0); } catch (error) { if (error instanceof RangeError && /Maximum call stack/.test(error.message)) overflows++; else throw error; } guarded(0); }
      console.log(overflows > 0, caught > 0);`),
    majors: all,
    shows: /true true/,
  },
  'runs code in contexts': {
    files: main(`const vm = require('node:vm');
      const context = vm.createContext({ performance, out: [] });
      vm.runInContext("function inside(ms) { let sum = 0; const until = performance.now() + ms; while (performance.now() < until) for (let i = 0; i < 1e4; i++) sum += i; } inside(900); out.push(typeof Error.prepareStackTrace, Object.getOwnPropertySymbols(globalThis).length)", context, { filename: 'made.js' });
      console.log(context.out, vm.runInNewContext('typeof Pipescope + typeof process'));`),
    shows: /'undefined'.*undefinedundefined/,
    sampled: 'inside made.js',
  },
  'loops in WebAssembly': {
    files:
      main(`const bytes = Buffer.from('AGFzbQEAAAABBgFgAX8BfwMCAQAHCAEEbG9vcAAAChsBGQEBfwNAIAEgAGohASAAQQFrIgANAAsgAQs=', 'base64');
      const { loop } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports; let x = 0;
      const until = performance.now() + 500; while (performance.now() < until) x ^= loop(2e6); console.log(typeof x);`),
    majors: all,
    shows: /number/,
  },
  'has loops with a small constant number of turns': {
    files:
      main(`function small(seed) { let sum = seed; for (let i = 0; i < 4; i++) sum = Math.imul(sum, 31) + i; return sum; }
      function outer() { let sum = 1; const until = performance.now() + 900; while (performance.now() < until) for (let i = 0; i < 1000; i++) sum ^= small(i); return sum; }
      console.log(typeof outer());`),
    shows: /number/,
    sampled: 'outer',
  },
  'waits in Atomics.wait': {
    files: main(
      `const cell = new Int32Array(new SharedArrayBuffer(4)); spin(600); console.log(Atomics.wait(cell, 0, 0, 400)); spin(200);`,
    ),
    shows: /timed-out/,
    sampled: 'spin',
  },
  'waits for other processes': {
    files: main(`const { spawnSync, execSync } = require('node:child_process'); spin(200);
      console.log(String(spawnSync(process.execPath, ['-e', 'setTimeout(() => console.log(1 + 1), 200)']).stdout), String(execSync('sleep 0.2; echo done'))); spin(200);`),
    shows: /2\n done/,
    sampled: 'spin',
  },
  'is a cluster': {
    files: main(`const cluster = require('node:cluster');
      if (cluster.isPrimary) { let left = 3; for (let i = 0; i < 3; i++) cluster.fork().on('exit', (code, signal) => { console.log('exit', code, signal); if (--left === 0) spin(300); }); }
      else { spin(300); process.exit(5); }`),
    shows: /(exit 5 null\n){3}/,
    sampled: 'spin',
  },
  'uses a pool of many short workers': {
    files: main(`const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
      if (!isMainThread) { parentPort.postMessage(workerData * 2); }
      else (async () => { let sum = 0;
        for (let round = 0; round < 8; round++) await Promise.all(Array.from({ length: 6 }, (_, i) => new Promise((done, fail) => new Worker(__filename, { workerData: round * 6 + i }).on('message', (m) => { sum += m; }).on('error', fail).on('exit', done))));
        spin(300); console.log(sum); })();`),
    shows: /^2256\n/,
    sampled: 'spin',
  },
  'has workers without the preload that end in every way': {
    files: main(`const { Worker } = require('node:worker_threads');
      const busy = ${JSON.stringify(`${spin}spin(900);`)};
      const run = (code) => new Promise((done) => { const w = new Worker(code, { eval: true, env: {} }); w.on('error', (e) => console.log(e.message)).on('exit', (code) => done(code)); });
      (async () => { console.log(await run(busy), await run(busy + 'process.exit(4)'), await run(busy + 'throw new Error("thrown")')); })();`),
    majors: all,
    shows: /thrown\n0 4 1/,
    sampled: 'spin [worker eval]',
  },
  'exits in a busy loop': {
    files: main(
      `const until = performance.now() + 500; for (let i = 0; ; i++) if (i % 1000 === 0 && performance.now() > until) { console.log('leaving'); process.exit(6); }`,
    ),
    status: 6,
    majors: all,
    shows: /leaving/,
  },
  'exits in a busy worker': {
    files: main(
      `const { Worker } = require('node:worker_threads'); new Worker(${JSON.stringify(`${spin}spin(500); process.exit(3);`)}, { eval: true }).on('exit', (code) => { console.log('worker', code); process.exit(7); }); setInterval(() => undefined, 1000);`,
    ),
    status: 7,
    shows: /worker 3/,
    sampled: 'spin [worker eval]',
  },
  'becomes another program': {
    files: main(`spin(); process.execve('/bin/echo', ['echo', 'replaced'], process.env);`),
    majors: [24, 26],
    shows: /replaced/,
    sampled: 'spin',
  },
  'forbids code from strings': {
    files: main(`spin(); try { eval('1'); } catch (error) { console.log(error.message); }`),
    parameters: ['--disallow-code-generation-from-strings'],
    shows: /disallowed/,
    sampled: 'spin',
  },
  'opens and closes its inspector': {
    files: main(`const inspector = require('node:inspector'); process.stderr.write = () => true;
      spin(); inspector.open(0, '127.0.0.1'); spin(300); console.log(typeof inspector.url()); inspector.close(); spin(300); console.log(inspector.url()); process.exit(0);`),
    shows: /string\nundefined/,
    sampled: 'spin',
  },
  'is an ES module that awaits at its top level': {
    files: {
      'main.mjs': `${spin}import { setTimeout as sleep } from 'node:timers/promises'; await sleep(50); spin(); console.log(new Error('here').stack.split('\\n').length, import.meta.url.slice(0, 7));`,
    },
    majors: all,
    shows: /file:\/\//,
    sampled: 'spin',
  },
  'handles an uncaught exception': {
    files: main(
      `process.on('uncaughtException', (error, origin) => { spin(200); console.log(error.stack, origin); process.exitCode = 3; }); spin(); throw new TypeError('unexpected');`,
    ),
    status: 3,
    majors: all,
    shows: /unexpected\n(.*\n)*.*uncaughtException/,
    sampled: 'spin',
  },
  'dies of an uncaught exception': {
    files: main('spin(); null.property;'),
    status: 1,
    shows: /property/,
    sampled: 'spin',
  },
  'is terminated while it is busy': {
    files: main(
      `require('node:child_process').exec('sleep 1; kill ' + process.pid); setTimeout(() => { for (;;) spin(50); }, 10); console.log('waiting');`,
    ),
    signal: 'SIGTERM',
    shows: /waiting/,
    sampled: 'spin',
  },
  'handles SIGTERM': {
    files: main(
      `process.on('SIGTERM', () => { console.log('terminated'); process.exit(9); }); require('node:child_process').exec('sleep 1; kill ' + process.pid); setInterval(() => spin(30), 1);`,
    ),
    status: 9,
    shows: /terminated/,
    sampled: 'spin',
  },
};

describe('a program that does unusual things', function () {
  this.timeout(60_000);

  for (const [
    name,
    { files, parameters = [], status = 0, signal, majors = oldestAndNewest, shows, sampled },
  ] of Object.entries(programs)) {
    for (const major of majors) {
      it(`behaves the same and is sampled in Node ${major}: ${name}`, async () => {
        const cwd = createProgramFolder(files);
        const argv = [...parameters, Object.keys(files)[0] ?? ''];
        const options = { cwd, node: nodes[major]() };
        const plain = runPlain(argv, options);
        assert.deepEqual([plain.status, plain.signal], signal ? [null, signal] : [status, null], plain.stderr);
        assert.match(plain.stdout + plain.stderr, shows);
        const profiled = await runProfiled(argv, options);
        const comparable = ({ stderr }: { readonly stderr: string }): string =>
          stderr.replaceAll(/\(node:\d+\)/g, '(node)').replaceAll(/ws:\S+/g, 'ws:ADDRESS');
        assert.deepEqual(
          [profiled.status, profiled.signal, profiled.stdout, comparable(profiled)],
          [plain.status, plain.signal, plain.stdout, comparable(plain)],
        );
        assert.deepEqual(profiled.errors, []);
        const operations = operationsIn(profiled.batches);
        const names = operations.map((operation) => `${operation.name} ${operation.samples}`).join(', ');
        if (sampled)
          assert.ok(
            operations.some(({ name, samples }) => name === sampled && samples > 0),
            names,
          );
        const sampledNs = operations.reduce((sum, { selfNs }) => sum + selfNs, 0);
        const cpuNs = new Map<string, number>();
        for (const { source, resources } of profiled.batches)
          if (resources) cpuNs.set(source, Math.max(cpuNs.get(source) ?? 0, resources.cpuNs));
        const usedNs = [...cpuNs.values()].reduce((sum, ns) => sum + ns, 0);
        // Without the report of its end, neither the last samples nor the last CPU time of a program would be there.
        if (!signal) assert.ok(profiled.batches.some(({ source, bye }) => source.endsWith('.0') && bye));
        if (!signal) assert.ok(sampledNs > 0 && sampledNs <= usedNs * 1.02 + 20e6, `${sampledNs} of ${usedNs} ns`);
      });
    }
  }
});
