import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Programs } from '../../../../src/pipelines/validation/run/programs.ts';
import { until } from '../../../fixtures/wait.ts';

const node = process.execPath;

/** Returns whether a process exists and is not a zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('Programs', () => {
  let root: string;
  let stop: AbortController;
  let programs: Programs;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pipescope-process-'));
    stop = new AbortController();
    programs = new Programs(root, stop.signal);
  });
  afterEach(() => {
    stop.abort();
    rmSync(root, { recursive: true, force: true });
  });
  const numberIn = (name: string): number => Number(readFileSync(join(root, name), 'utf8'));

  it('runs a program in the workspace without a shell and returns its output and exit code', async () => {
    const result = await programs.run(node, [
      '-e',
      'console.log(process.cwd(), process.argv[1]); console.error("e"); process.exit(3)',
      '$HOME; `id`',
    ]);
    assert.deepEqual(result, { code: 3, stdout: `${root} $HOME; \`id\`\n`, stderr: 'e\n', isTruncated: false });
    assert.equal(programs.calls.length, 1);
    assert.equal(programs.calls[0]?.result, result);
  });

  it('ends a program after its timeout, and returns what it has printed', async () => {
    const script = 'console.log("started"); setInterval(() => undefined, 1000)';
    const result = await programs.run(node, ['-e', script], { timeoutMs: 1500 });
    assert.deepEqual([result?.code, result?.stdout], [128 + 15, 'started\n']);
    const quick = await programs.run(node, ['-e', 'process.exit(3)'], { timeoutMs: 60_000 });
    assert.equal(quick?.code, 3);
  });

  it('puts the tools of the workspace on the PATH of an installed tool only', async () => {
    const bin = join(root, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    const script = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    script('inner', 'echo its own');
    script('outer', 'inner || echo none');
    mkdirSync(join(root, 'part'));
    for (const cwd of ['.', 'part'])
      assert.equal((await programs.run(join(bin, 'outer'), [], { cwd }))?.stdout, 'its own\n');
    const other = await programs.run('sh', ['-c', 'inner || echo none']);
    assert.equal(other?.stdout, 'none\n');
  });

  it('returns undefined if a program does not exist or is not executable', async () => {
    writeFileSync(join(root, 'plain'), 'text');
    assert.equal(await programs.run('no-such-program-here', []), undefined);
    assert.equal(await programs.run(join(root, 'plain'), []), undefined);
    await assert.rejects(programs.run(node, [], { cwd: 'nowhere' }), /the folder .*nowhere does not exist/);
  });

  it('passes input, even to a program that does not read it', async () => {
    const big = 'x'.repeat(1_000_000);
    const result = await programs.run('wc', ['-c'], { input: big });
    assert.equal(result?.stdout.trim(), String(big.length));
    assert.equal((await programs.run('true', [], { input: big }))?.code, 0);
  });

  it('returns 128 plus the signal number for a program ended by a signal', async () => {
    assert.equal((await programs.run(node, ['-e', 'process.kill(process.pid, "SIGTERM")']))?.code, 143);
  });

  it('keeps the end of a long output in whole characters and marks it as truncated', async () => {
    const result = await programs.run(node, ['-e', 'process.stdout.write("ä".repeat(100000) + "end")'], {
      maxBytes: 10,
    });
    assert.deepEqual(result, { code: 0, stdout: 'äääend', stderr: '', isTruncated: true });
    const fits = await programs.run(node, ['-e', 'process.stdout.write("0123456789")'], { maxBytes: 10 });
    assert.deepEqual(fits, { code: 0, stdout: '0123456789', stderr: '', isTruncated: false });
  });

  it('does not pass on variables for the profiler or for another Git repository', async () => {
    process.env['PIPESCOPE_IPC'] = '1';
    process.env['GIT_DIR'] = '/nowhere';
    try {
      const read = 'const { PIPESCOPE_IPC, GIT_DIR, NO_COLOR, OWN } = process.env;';
      const result = await programs.run(node, ['-e', `${read} console.log(PIPESCOPE_IPC, GIT_DIR, NO_COLOR, OWN)`], {
        env: { OWN: 'own', NO_COLOR: undefined },
      });
      assert.equal(result?.stdout, 'undefined undefined undefined own\n');
    } finally {
      delete process.env['PIPESCOPE_IPC'];
      delete process.env['GIT_DIR'];
    }
  });

  /** A program with a child in its group and a detached child; all ignore SIGTERM. */
  const family = `
    process.on('SIGTERM', () => {});
    const { spawn } = require('node:child_process');
    const { renameSync, writeFileSync } = require('node:fs');
    const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";
    const near = spawn(process.execPath, ['-e', code], { stdio: 'inherit' });
    const far = spawn(process.execPath, ['-e', code], { stdio: 'ignore', detached: true });
    far.unref();
    writeFileSync('near', String(near.pid));
    writeFileSync('far', String(far.pid));
    // Renamed, so that the file is complete as soon as it exists.
    writeFileSync('self.tmp', String(process.pid));
    renameSync('self.tmp', 'self');
    setInterval(() => {}, 1000);`;

  it('kills all descendants when the check ends, including those outside the process group', async () => {
    const running = programs.run(node, ['-e', family]);
    await until(() => existsSync(join(root, 'self')));
    const pids = ['self', 'near', 'far'].map(numberIn);
    assert.deepEqual(pids.map(isRunning), [true, true, true]);
    stop.abort(new Error('over'));
    await assert.rejects(running, /over/);
    await programs.ended();
    assert.deepEqual(pids.map(isRunning), [false, false, false]);
    await assert.rejects(programs.run(node, ['-v']), /over/);
  });

  it('does not affect the programs of other checks', async () => {
    const other = new Programs(root, new AbortController().signal);
    const beside = other.run(node, ['-e', 'setTimeout(() => console.log("done"), 600)']);
    const running = programs.run(node, ['-e', family]);
    await until(() => existsSync(join(root, 'self')));
    stop.abort();
    await assert.rejects(running);
    assert.equal((await beside)?.stdout, 'done\n');
  });

  it('kills processes that a program leaves behind in its group without waiting for them', async () => {
    const leavingProgram = `
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' });
      require('node:fs').writeFileSync('left', String(child.pid));
      child.unref(); process.exit(0);`;
    assert.equal((await programs.run(node, ['-e', leavingProgram]))?.code, 0);
    const pid = numberIn('left');
    await until(() => !isRunning(pid));
  });
});
