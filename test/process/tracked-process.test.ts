import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { settlesWithin } from '../../src/process/settles-within.ts';
import { TrackedProcess } from '../../src/process/tracked-process.ts';

const run = (program: string) =>
  new TrackedProcess(() => spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'pipe'] }));

describe('TrackedProcess', () => {
  it('reports the exit code and a positive wall time', async () => {
    const tracked = run('process.exit(3)');
    assert.equal(tracked.hasExited, false);
    const { code, signal, wallNs } = await tracked.exited;
    assert.deepEqual([code, signal, tracked.hasExited], [3, null, true]);
    assert.ok(wallNs > 1e6);
  });

  it('reports the signal that ended the process', async () => {
    const { code, signal } = await run('process.kill(process.pid, "SIGKILL")').exited;
    assert.deepEqual([code, signal], [null, 'SIGKILL']);
  });

  it('rejects if the program does not exist', async () => {
    const tracked = new TrackedProcess(() => spawn('no-such-program'));
    await assert.rejects(tracked.exited, { code: 'ENOENT' });
    assert.equal(tracked.hasExited, true);
  });

  it('has all output after drain', async () => {
    const tracked = run('process.stdout.write("x".repeat(1e6))');
    let length = 0;
    tracked.child.stdout?.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    await tracked.exited;
    await tracked.drain(10_000);
    assert.equal(length, 1e6);
  });

  it('stops draining if a descendant holds the pipes open', async function () {
    if (process.platform === 'win32') this.skip();
    const tracked = run(`
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' });
      process.stdout.write(String(child.pid), () => process.exit());`);
    let text = '';
    tracked.child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    await tracked.exited;
    const startMs = performance.now();
    await tracked.drain(200);
    assert.ok(performance.now() - startMs < 10_000);
    process.kill(Number(text), 'SIGKILL');
  });
});

describe('settlesWithin', () => {
  it('resolves with true for a resolved and for a rejected promise', async () => {
    assert.equal(await settlesWithin(Promise.resolve(), 1000), true);
    assert.equal(await settlesWithin(Promise.reject(new Error('planted')), 1000), true);
  });

  it('resolves with false after the maximum time', async () => {
    const keepAlive = setTimeout(() => undefined, 10_000);
    assert.equal(await settlesWithin(new Promise(() => undefined), 10), false);
    clearTimeout(keepAlive);
  });
});
