/** Measures programs from outside that need a known amount of memory and CPU time. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TreeMeter } from '../../../src/process/usage/tree-meter.ts';
import type { TreeUsage } from '../../../src/protocol/tree-sample.ts';

async function measure(command: string, ...args: readonly string[]): Promise<TreeUsage & { readonly text: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const meter = new TreeMeter(child.pid as number);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const closed = once(child, 'close');
  await once(child, 'exit');
  const usage = meter.finish();
  await closed;
  return { ...usage, text };
}

const copy = (megabytes: number): string => `dd if=/dev/zero of=/dev/null bs=${megabytes}M count=1 2>/dev/null`;
/** Computes for 0.2 s of CPU time and prints the milliseconds that it has really used. */
const compute =
  'const e = process.cpuUsage().user + 2e5; while (process.cpuUsage().user < e); const u = process.cpuUsage(); console.log((u.user + u.system) / 1000)';

describe('TreeMeter', function () {
  this.timeout(30_000);

  before(function () {
    // Other systems do not show a process's highest memory to another one.
    if (process.platform !== 'linux') this.skip();
  });

  it('sees the peak memory of a native program that runs for less than a quarter of a second', async () => {
    for (let round = 0; round < 3; round++) {
      const { peakRssBytes = 0, cpuNs = 0 } = await measure('sh', '-c', `exec ${copy(400)}`);
      assert.ok(peakRssBytes > 0.88 * 400 * 2 ** 20 && peakRssBytes < 1.03 * 400 * 2 ** 20, `${peakRssBytes}`);
      assert.ok(cpuNs > 20e6, `${cpuNs}`);
    }
  });

  it('sees the peak memory of a late child of a child, and does not add peaks of different times', async () => {
    const { peakRssBytes = 0 } = await measure('sh', '-c', `sleep 0.5; ${copy(200)}; sh -c '${copy(300)}; :'`);
    assert.ok(peakRssBytes > 0.85 * 300 * 2 ** 20 && peakRssBytes < 1.05 * 300 * 2 ** 20, `${peakRssBytes}`);
  });

  it('counts the CPU time of every descendant once, also of those that live between two readings', async () => {
    const { cpuNs = 0, text } = await measure(
      'sh',
      '-c',
      'i=0; while [ $i -lt 4 ]; do "$0" -e "$1"; i=$((i+1)); done; (:); "$0" -e "$1"',
      process.execPath,
      compute,
    );
    const expected = text
      .trim()
      .split('\n')
      .reduce((sum, ms) => sum + Number(ms), 0);
    // Each process also starts and ends outside of its own measurement.
    assert.ok(cpuNs / 1e6 > expected - 20 && cpuNs / 1e6 < 1.25 * expected + 100, `${cpuNs / 1e6} of ${expected} ms`);
  });

  it('counts the CPU time of threads, and the memory that they use', async () => {
    const code = `const { Worker } = require('node:worker_threads');
      const work = 'const keep = Buffer.alloc(150e6, 1); const e = Date.now() + 150; while (Date.now() < e); keep.length';
      for (let i = 0; i < 2; i++) new Worker(work, { eval: true });
      process.on('exit', () => { const u = process.resourceUsage(); console.log(u.maxRSS, u.userCPUTime + u.systemCPUTime); });`;
    const { peakRssBytes = 0, cpuNs = 0, text } = await measure(process.execPath, '-e', code);
    const [kilobytes = 0, microseconds = 0] = text.split(' ').map(Number);
    assert.ok(Math.abs(peakRssBytes / 1024 / kilobytes - 1) < 0.1, `${peakRssBytes / 1024} of ${kilobytes} KB`);
    assert.ok(
      cpuNs / 1000 > microseconds - 20_000 && cpuNs / 1000 < microseconds + 150_000,
      `${cpuNs / 1000} of ${text}`,
    );
  });

  it('leaves out what it could not read', () => {
    const meter = new TreeMeter(2 ** 22 - 1);
    assert.deepEqual(meter.finish(), {});
  });
});
