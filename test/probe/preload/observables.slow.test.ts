/** Lets a program print whatever it can observe about its process, and compares this with and without the probe. */
import { strict as assert } from 'node:assert';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { comparePrograms } from './compare-programs.ts';

/** Each expression is evaluated in the program's first module, and again at its exit. */
const expressions: Readonly<Record<string, string>> = {
  'listeners of the process': 'process.eventNames().map((name) => [name, process.listenerCount(name)])',
  'listeners of an event':
    "['exit', 'beforeExit', 'worker', 'warning', 'SIGTERM'].map((name) => process.listeners(name).length)",
  'maximum number of listeners': 'process.getMaxListeners()',
  'keys of the process': 'Object.getOwnPropertyNames(process).sort()',
  'keys of the process in a loop':
    '(() => { const names = []; for (const name in process) names.push(name); return names.sort(); })()',
  'functions of the process':
    "['emit', 'exit', 'kill', 'reallyExit', '_kill', 'execve', 'nextTick', 'emitWarning'].map((name) => [name, typeof process[name], process[name]?.name, process[name]?.length, Object.getOwnPropertyDescriptor(process, name)?.writable])",
  'emit of the process': "process.emit === require('node:events').prototype.emit",
  'global names': 'Object.getOwnPropertyNames(globalThis).sort()',
  'enumerable global names': 'Object.keys(globalThis).sort()',
  'loaded files': 'Object.keys(require.cache)',
  modules:
    '[module.parent === undefined || module.parent === null, module.children.length, require.main === module, module.paths.length]',
  'module functions':
    "(({ Module }) => [Module._load, Module.prototype._compile, Module._extensions['.js'], Module._resolveFilename, require].map((f) => [f.name, f.length]))(require('node:module'))",
  options: '[process.execArgv, process.argv.length, process.title, process.argv0]',
  'active resources':
    '[process.getActiveResourcesInfo(), process._getActiveHandles().length, process._getActiveRequests().length]',
  'asynchronous context':
    "(({ executionAsyncId, triggerAsyncId }) => [executionAsyncId(), triggerAsyncId()])(require('node:async_hooks'))",
  'error settings': '[Error.stackTraceLimit, Error.prepareStackTrace, Object.getOwnPropertyNames(Error).sort()]',
  'a stack trace': "new Error('here').stack",
  console: 'Object.entries(console).map(([name, value]) => [name, typeof value, value?.name])',
  'performance entries': 'performance.getEntries().map(({ name }) => name)',
  'event emitters':
    "(({ defaultMaxListeners, prototype }) => [defaultMaxListeners, Object.keys(prototype)])(require('node:events'))",
  inspector:
    "(({ url, Session }) => [url(), Object.getOwnPropertyNames(Session.prototype), Session.prototype.post.name, Session.prototype.post.length])(require('node:inspector'))",
  'source maps': 'process.sourceMapsEnabled',
  'uncaught exception capture': 'process.hasUncaughtExceptionCaptureCallback()',
  'exit code': '[process.exitCode, process._exiting === true]',
  'main thread':
    "(({ isMainThread, threadId, workerData, parentPort }) => [isMainThread, threadId, workerData, parentPort])(require('node:worker_threads'))",
  'preload modules': 'process._preload_modules',
  'options for children': 'process.env.NODE_OPTIONS',
  'variables for children': "Object.keys(process.env).filter((name) => name.startsWith('PIPESCOPE_'))",
  'internal modules': 'process.moduleLoadList',
  'symbols of the global object': 'Object.getOwnPropertySymbols(globalThis).map(String)',
  'channel subscribers': "require('node:diagnostics_channel').hasSubscribers('net.client.socket')",
  'number of the next asynchronous resource': "new (require('node:async_hooks').AsyncResource)('probe').asyncId()",
  'number of the next worker': "new (require('node:worker_threads').Worker)('', { eval: true }).threadId",
  'workers of the report': 'process.report.getReport().workers.length',
  'handles of the report':
    "process.report.getReport().libuv.filter(({ type }) => type === 'timer' || type === 'async').length",
  'shared memory': 'process.memoryUsage().arrayBuffers',
};

/** Listed in docs/design/node-probe.md: the probe cannot hide these. */
const differing = [
  'channel subscribers',
  'handles of the report',
  'internal modules',
  'number of the next asynchronous resource',
  'number of the next worker',
  'options for children',
  'preload modules',
  'shared memory',
  'symbols of the global object',
  'variables for children',
];
/** Differs only once the helper thread has started, which the program does not wait for. */
const sometimesDiffering = ['workers of the report'];
/** In a worker also its own number. */
const differingInWorker = ['main thread'];

const program = `const { isMainThread, parentPort, Worker } = require('node:worker_threads');
const expressions = ${JSON.stringify(expressions)};
const observe = () => Object.entries(expressions).map(([name, code]) => {
  try { return [name, JSON.stringify(eval(code)) ?? 'undefined']; } catch (error) { return [name, String(error)]; }
});
if (!isMainThread) parentPort.postMessage(observe());
else {
  const start = observe();
  new Worker(__filename).once('message', (worker) => {
    process.on('exit', () => console.log(JSON.stringify({ start, worker, exit: observe() })));
  });
}
`;

type Observed = readonly (readonly [name: string, value: string])[];

function readObserved(stdout: string, folder: string): { readonly [phase: string]: Observed } {
  return JSON.parse(stdout.replaceAll(folder, 'FOLDER'));
}

describe('a program that observes itself', function () {
  this.timeout(60_000);

  for (const major of [18, 20, 22, 24] as const) {
    it(`sees the same in Node ${major}, except what is documented`, async () => {
      await comparePrograms(
        {
          node: major === 24 ? process.execPath : nodeVersion(major),
          parameters: ['main.cjs'],
          files: { 'main.cjs': program },
        },
        ({ plain, profiled }) => {
          assert.deepEqual([profiled.stderr, profiled.status], ['', 0]);
          const expected = readObserved(plain.stdout, plain.folder);
          const actual = readObserved(profiled.stdout, profiled.folder);
          for (const phase of ['start', 'worker', 'exit']) {
            const allowed = [...differing, ...sometimesDiffering, ...(phase === 'worker' ? differingInWorker : [])];
            const same = (list: Observed = []) => list.filter(([name]) => !allowed.includes(name));
            assert.ok(same(expected[phase]).length > 20, phase);
            assert.deepEqual(same(actual[phase]), same(expected[phase]), phase);
          }
          // Everything in the list does differ, so the list is not longer than it must be.
          const values = new Map(expected['start']);
          const different = (actual['start'] ?? []).filter(([name, value]) => values.get(name) !== value);
          const names = different.map(([name]) => name).filter((name) => !sometimesDiffering.includes(name));
          assert.deepEqual(names.toSorted(), differing);
        },
      );
    });
  }
});
