import { strict as assert } from 'node:assert';
import { Session } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { evaluate } from '../../../../src/probe/sampling/interrupt/evaluate.ts';
import type { Inspector } from '../../../../src/probe/sampling/thread-profiler.ts';
import { watchWorkers } from '../../../../src/probe/sampling/watch-workers.ts';

/** Runs long enough in the thread that something ends its execution meanwhile. */
const slow = { expression: 'for (const endMs = Date.now() + 400; Date.now() < endMs; );' };

describe('evaluate', function () {
  this.timeout(30_000);
  const session = new Session();
  const inspectors = new Map<number, (inspector: Inspector) => void>();

  before(async () => {
    session.connect();
    await watchWorkers(session, -1, {
      onAttached: (threadId, inspector) => inspectors.get(threadId)?.(inspector),
      onProfile: () => undefined,
    });
  });
  after(() => session.disconnect());

  /** Starts a worker and resolves with its inspector once it runs its code. */
  async function start(code: string): Promise<{ readonly worker: Worker; readonly inspector: Inspector }> {
    const worker = new Worker(code, { eval: true });
    const attached = new Promise<Inspector>((resolve) => inspectors.set(worker.threadId, resolve));
    const running = new Promise((resolve) => worker.once('message', resolve));
    const [inspector] = await Promise.all([attached, running]);
    return { worker, inspector };
  }

  const busy = "require('node:worker_threads').parentPort.postMessage('runs'); for (;;);";

  it('lets a worker end that is terminated during the evaluation', async () => {
    const { worker, inspector } = await start(busy);
    const evaluated = evaluate(inspector, slow);
    await sleep(100);
    const ended = worker.terminate();
    await assert.rejects(evaluated, /terminated/i);
    assert.equal(await Promise.race([ended, sleep(5000, 'runs on')]), 1);
  });

  it('would leave such a worker running if it did not repeat the end', async () => {
    const { worker, inspector } = await start(busy);
    const evaluated = inspector.post('Runtime.evaluate', slow);
    await sleep(100);
    const ended = worker.terminate();
    await assert.rejects(evaluated, /terminated/i);
    assert.equal(await Promise.race([ended, sleep(500, 'runs on')]), 'runs on');
    await inspector.post('Runtime.terminateExecution');
    await ended;
  });

  it('lets a script end whose time is up during the evaluation', async () => {
    const { worker, inspector } = await start(`
      const { parentPort } = require('node:worker_threads');
      parentPort.postMessage('runs');
      try { require('node:vm').runInThisContext('for (;;);', { timeout: 300 }); } catch (error) { parentPort.postMessage(error.code); }`);
    const reported = new Promise((resolve) => worker.on('message', (text) => text !== 'runs' && resolve(text)));
    await sleep(50);
    await assert.rejects(evaluate(inspector, { expression: slow.expression.replace('400', '600') }), /terminated/i);
    assert.equal(await Promise.race([reported, sleep(5000, 'runs on')]), 'ERR_SCRIPT_EXECUTION_TIMEOUT');
    await worker.terminate();
  });
});
