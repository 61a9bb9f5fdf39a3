/** Checks that the sampler can read the shared counters while the program keeps counting, without losing calls. */
import { strict as assert } from 'node:assert';
import { Worker } from 'node:worker_threads';
import { createCounters } from '../../../src/probe/exact/counting/exact-counters.ts';
import { ExactTiming } from '../../../src/probe/exact/counting/exact-timing.ts';

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

/** Thread that switches a function off again and again, and counts how often it did not stay off. */
const switchingThread = `
const { workerData, parentPort } = require('node:worker_threads');
import(workerData.counters).then(({ createCounters, disabledMask, integerAt }) => {
  const { integers } = createCounters(workerData.memory);
  const untilMs = performance.now() + 400;
  let [rounds, undone] = [0, 0];
  for (; performance.now() < untilMs; rounds++) {
    integers[integerAt.mask] = 1023;
    for (let i = rounds % 50; i > 0; i--) Math.sqrt(i);
    integers[integerAt.mask] = disabledMask;
    for (let i = 0; i < 200; i++) Math.sqrt(i);
    if (integers[integerAt.mask] !== disabledMask) undone++;
  }
  parentPort.postMessage({ rounds, undone });
});`;

const modules = {
  counters: new URL('../../../src/probe/exact/counting/exact-counters.ts', import.meta.url).href,
  timer: new URL('../../../src/probe/exact/counting/call-timer.ts', import.meta.url).href,
};

describe('ExactTiming', () => {
  it('never switches on a function that the program switches off at the same time', async () => {
    const { memory } = createCounters();
    const timing = new ExactTiming(memory);
    timing.register({ row: 0 }, 0);
    const worker = new Worker(switchingThread, { eval: true, workerData: { memory, ...modules } });
    let result: { readonly rounds: number; readonly undone: number } | undefined;
    worker.on('message', (message) => {
      result = message;
    });
    while (!result) {
      for (let round = 0; round < 500; round++) timing.setBudget(1e6);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await worker.terminate();
    assert.ok(result.rounds > 1000, `${result.rounds} rounds`);
    assert.equal(result.undone, 0);
  });

  it('reads every call while the program counts', async () => {
    const { memory } = createCounters();
    const timing = new ExactTiming(memory);
    timing.register({ row: 0 }, 0);
    const worker = new Worker(callingThread, {
      eval: true,
      workerData: { memory, ...modules },
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
