/** Holds the reader of shared counters to losing nothing while the program goes on counting. */
import { strict as assert } from 'node:assert';
import { Worker } from 'node:worker_threads';
import { counters } from '../../../src/probe/exact/exact-counters.ts';
import { Exact } from '../../../src/probe/exact/exact-timing.ts';

/** A thread that calls one timed function as often as it can, as a program does while the sampler reads. */
const calling = `
const { workerData, parentPort } = require('node:worker_threads');
Promise.all([import(workerData.counters), import(workerData.timer)]).then(([{ counters }, { Timer }]) => {
  const timer = new Timer(counters(workerData.memory));
  const untilMs = performance.now() + 600;
  let calls = 0;
  while (performance.now() < untilMs) for (let i = 0; i < 500; i++, calls++) timer.e(0, timer.b(0), calls % 3 === 0);
  parentPort.postMessage(calls);
});`;

describe('counters', () => {
  it('are read without loss while the program counts', async () => {
    const { memory } = counters();
    const exact = new Exact(memory);
    exact.enlist({ row: 0, name: 'busy', file: 'a.js', line: 1 }, 0);
    const worker = new Worker(calling, {
      eval: true,
      workerData: {
        memory,
        counters: new URL('../../../src/probe/exact/exact-counters.ts', import.meta.url).href,
        timer: new URL('../../../src/probe/exact/call-timer.ts', import.meta.url).href,
      },
    });
    let [calls, errors, buckets, timed, reads, made] = [0, 0, 0, 0, 0, Number.NaN];
    const read = (): void => {
      for (const delta of exact.take()) {
        reads++;
        calls += delta.count;
        errors += delta.errors;
        timed += delta.timed ?? delta.count;
        for (let at = 1; at < delta.buckets.length; at += 2) buckets += delta.buckets[at] as number;
      }
    };
    worker.on('message', (count: number) => {
      made = count;
    });
    while (Number.isNaN(made)) {
      for (let round = 0; round < 50; round++) read();
      await new Promise((done) => setImmediate(done));
    }
    await worker.terminate();
    read();
    assert.ok(reads > 10 && made > 10_000, `${reads} reads of ${made} calls`);
    assert.deepEqual({ calls, errors }, { calls: made, errors: Math.ceil(made / 3) });
    assert.ok(timed > 0 && timed <= made && buckets > 0, `${timed} timed`);
  });
});
