/** Checks that the sampler can read the shared counters while the program keeps counting, without losing calls. */
import { strict as assert } from 'node:assert';
import { Worker } from 'node:worker_threads';
import { createCounters } from '../../../src/probe/exact/exact-counters.ts';
import { ExactTiming } from '../../../src/probe/exact/exact-timing.ts';

/** Thread that calls one timed function as often as possible. */
const callingThread = `
const { workerData, parentPort } = require('node:worker_threads');
Promise.all([import(workerData.counters), import(workerData.timer)]).then(([{ createCounters }, { CallTimer }]) => {
  const timer = new CallTimer(createCounters(workerData.memory));
  const untilMs = performance.now() + 600;
  let calls = 0;
  while (performance.now() < untilMs) for (let i = 0; i < 500; i++, calls++) timer.e(0, timer.b(0), calls % 3 === 0);
  parentPort.postMessage(calls);
});`;

describe('ExactTiming', () => {
  it('reads every call while the program counts', async () => {
    const { memory } = createCounters();
    const timing = new ExactTiming(memory);
    timing.register({ row: 0, name: 'busy', file: 'a.js', line: 1 }, 0);
    const worker = new Worker(callingThread, {
      eval: true,
      workerData: {
        memory,
        counters: new URL('../../../src/probe/exact/exact-counters.ts', import.meta.url).href,
        timer: new URL('../../../src/probe/exact/call-timer.ts', import.meta.url).href,
      },
    });
    let [calls, errors, inBuckets, timed, reads, expectedCalls] = [0, 0, 0, 0, 0, Number.NaN];
    const read = (): void => {
      for (const delta of timing.drain()) {
        reads++;
        calls += delta.count;
        errors += delta.errors;
        timed += delta.timed ?? delta.count;
        for (let index = 1; index < delta.buckets.length; index += 2) inBuckets += delta.buckets[index] as number;
      }
    };
    worker.on('message', (count: number) => {
      expectedCalls = count;
    });
    while (Number.isNaN(expectedCalls)) {
      for (let round = 0; round < 50; round++) read();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await worker.terminate();
    read();
    assert.ok(reads > 10 && expectedCalls > 10_000, `${reads} reads of ${expectedCalls} calls`);
    assert.deepEqual({ calls, errors }, { calls: expectedCalls, errors: Math.ceil(expectedCalls / 3) });
    assert.ok(timed > 0 && timed <= expectedCalls && inBuckets > 0, `${timed} timed`);
  });
});
