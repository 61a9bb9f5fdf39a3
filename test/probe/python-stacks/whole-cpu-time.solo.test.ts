import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { StacksSampler } from '../../../src/probe/python-stacks/stacks-sampler.ts';
import { findInterpreters } from '../../python/interpreters.ts';
import { startPython } from './running-python.ts';

/** Works in two threads, becomes another program in the same process, works again, and prints its CPU time. */
const program = `
import os, sys, threading, time
def work(end):
    while time.thread_time() < end: sum(i * i for i in range(1000))
if len(sys.argv) == 1:
    print('ready')
    thread = threading.Thread(target=work, args=[0.3])
    thread.start(); work(0.4); thread.join()
    os.execv(sys.executable, [sys.executable, '-u', __file__, 'again'])
work(0.8)
print(time.process_time())
time.sleep(0.2)
`;

/** Time in milliseconds that is lost at the ends of the threads, because the clock of a thread ends with it. */
const maxLostMs = 60;

describe('stacks of a Python process from outside', function () {
  this.timeout(120_000);

  it('have all of its CPU time, also if it becomes another program, in every version', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const { path, version } of findInterpreters()) {
      const running = await startPython(path, program);
      let [readNs, samples, programs] = [0, 0, 0];
      const sampler = new StacksSampler(
        { workspace: running.folder, probeFolder: '/none', intervalMs: 10, hasFixedInterval: false },
        (message) => {
          if (message.type === 'reading') programs++;
          if (message.type !== 'batch') return;
          for (const [, count, cpuNs] of message.batch.stackSamples ?? []) {
            samples += count;
            readNs += cpuNs;
          }
        },
      );
      try {
        sampler.handle({ type: 'processes', pids: [running.pid] });
        while (running.child.exitCode === null) await sleep(sampler.step());
        sampler.handle({ type: 'stop' });
        const cpuMs = 1000 * Number(await running.readLine());
        assert.equal(programs, 2, version);
        assert.ok(samples > 20, `${version}: ${samples} samples`);
        assert.ok(Math.abs(readNs / 1e6 - cpuMs) < maxLostMs, `${version}: ${readNs / 1e6} ms of ${cpuMs} ms`);
      } finally {
        await running.end();
      }
    }
  });
});
