/** Compares the sampled time of programs with the CPU time that they and the system report. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createProgramFolder, operationsIn, type ProfiledResult, runProfiled } from '../profiled-program.ts';

const cwd = createProgramFolder({
  'busy.cjs': `function hot() { const end = process.cpuUsage().user + 8e5; let x = 0;
  while (process.cpuUsage().user < end) for (let i = 0; i < 2000; i++) x += Math.sqrt(x + i); return x; }
hot();`,
  'workers.cjs': `const { Worker, isMainThread } = require('node:worker_threads');
function hot() { const end = performance.now() + 500; let x = 0;
  while (performance.now() < end) for (let i = 0; i < 2000; i++) x += Math.sqrt(x + i); return x; }
if (isMainThread) for (let i = 0; i < 5; i++) new Worker(__filename); else hot();`,
  'waits.cjs': `const { execFileSync } = require('node:child_process');
function hash() { return require('node:crypto').pbkdf2Sync('x', 'y', 1500000, 64, 'sha512'); }
function shell() { execFileSync('sleep', ['0.6']); }
const before = process.cpuUsage().user; hash(); console.log(process.cpuUsage().user - before); shell();`,
});

function selfMs({ batches }: ProfiledResult, isCounted = (_name: string): boolean => true): number {
  const operations = operationsIn(batches).filter(({ name }) => isCounted(name));
  return operations.reduce((sum, { selfNs }) => sum + selfNs, 0) / 1e6;
}

function cpuMs({ batches }: ProfiledResult): number {
  return Math.max(...batches.map(({ resources }) => resources?.cpuNs ?? 0)) / 1e6;
}

/** Runs a task while this many other processes want a CPU. */
async function underLoad<T>(processes: number, task: () => Promise<T>): Promise<T> {
  const others = Array.from({ length: processes }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  try {
    return await task();
  } finally {
    for (const other of others) other.kill('SIGKILL');
  }
}

describe('sampled time', function () {
  this.timeout(60_000);

  const versions = { 'this version of Node': process.execPath, 'Node 18': nodeVersion(18), 'Node 20': nodeVersion(20) };
  for (const [name, node] of Object.entries(versions)) {
    for (const program of ['busy.cjs', 'workers.cjs']) {
      it(`is at most the CPU time if there are too few CPUs for ${program} in ${name}`, async () => {
        const result = await underLoad(4, () => runProfiled([program], { cwd, node }));
        const [sampled, used] = [selfMs(result), cpuMs(result)];
        assert.ok(sampled <= used * 1.02, `${sampled} ms sampled, ${used} ms used`);
        assert.ok(sampled > used * 0.35, `${sampled} ms sampled, ${used} ms used`);
      });
    }
  }

  it('of a function that computes is its CPU time, though another function waits for a process', async () => {
    const result = await runProfiled(['waits.cjs'], { cwd });
    const expected = Number(result.stdout) / 1000;
    const hash = selfMs(result, (name) => name.startsWith('pbkdf2Sync'));
    const wait = selfMs(result, (name) => name.startsWith('spawnSync'));
    assert.ok(Math.abs(hash - expected) < 0.3 * expected, `${hash} ms, but ${expected}`);
    assert.ok(wait < 100, `${wait} ms of waiting`);
  });
});
