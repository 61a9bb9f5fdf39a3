import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Programs } from '../../../../src/pipelines/validation/run/programs.ts';
import { until } from '../../../fixtures/wait.ts';

const node = process.execPath;

/** Whether a process is there and not merely waiting to be collected. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('programs of a check', () => {
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

  it('are run without a shell, in the workspace, with what they print and their exit code', async () => {
    const ran = await programs.run(node, [
      '-e',
      'console.log(process.cwd(), process.argv[1]); console.error("e"); process.exit(3)',
      '$HOME; `id`',
    ]);
    assert.deepEqual(ran, { code: 3, stdout: `${root} $HOME; \`id\`\n`, stderr: 'e\n', cut: false });
    assert.equal(programs.calls.length, 1);
    assert.equal(programs.calls[0]?.ran, ran);
  });

  it('find what else the workspace has installed, where it has installed them', async () => {
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

  it('are nothing where there is no such program, or none that may be run', async () => {
    writeFileSync(join(root, 'plain'), 'text');
    assert.equal(await programs.run('no-such-program-here', []), undefined);
    assert.equal(await programs.run(join(root, 'plain'), []), undefined);
    await assert.rejects(programs.run(node, [], { cwd: 'nowhere' }), /no folder .*nowhere/);
  });

  it('get their input, also where they do not read it', async () => {
    const big = 'x'.repeat(1_000_000);
    const ran = await programs.run('wc', ['-c'], { input: big });
    assert.equal(ran?.stdout.trim(), String(big.length));
    assert.equal((await programs.run('true', [], { input: big }))?.code, 0);
  });

  it('have 128 and the signal as exit code where a signal ended them', async () => {
    assert.equal((await programs.run(node, ['-e', 'process.kill(process.pid, "SIGTERM")']))?.code, 143);
  });

  it('keep the end of a long output, whole characters of it, and say so', async () => {
    const ran = await programs.run(node, ['-e', 'process.stdout.write("ä".repeat(100000) + "end")'], { maxBytes: 10 });
    assert.deepEqual(ran, { code: 0, stdout: 'äääend', stderr: '', cut: true });
    const fits = await programs.run(node, ['-e', 'process.stdout.write("0123456789")'], { maxBytes: 10 });
    assert.deepEqual(fits, { code: 0, stdout: '0123456789', stderr: '', cut: false });
  });

  it('do not take the profiler for their own, nor a repository of who started us', async () => {
    process.env['PIPESCOPE_IPC'] = '1';
    process.env['GIT_DIR'] = '/nowhere';
    try {
      const asks = 'const { PIPESCOPE_IPC, GIT_DIR, GIT_OPTIONAL_LOCKS, OWN } = process.env;';
      const ran = await programs.run(
        node,
        ['-e', `${asks} console.log(PIPESCOPE_IPC, GIT_DIR, GIT_OPTIONAL_LOCKS, OWN)`],
        { env: { OWN: 'own' } },
      );
      assert.equal(ran?.stdout, 'undefined undefined 0 own\n');
    } finally {
      delete process.env['PIPESCOPE_IPC'];
      delete process.env['GIT_DIR'];
    }
  });

  /** A child, one that left the group and was let go, and one below that: none of them minds a polite signal. */
  const family = `
    process.on('SIGTERM', () => {});
    const { spawn } = require('node:child_process');
    const { writeFileSync } = require('node:fs');
    const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";
    const near = spawn(process.execPath, ['-e', code], { stdio: 'inherit' });
    const far = spawn(process.execPath, ['-e', code], { stdio: 'ignore', detached: true });
    far.unref();
    writeFileSync('near', String(near.pid));
    writeFileSync('far', String(far.pid));
    writeFileSync('self', String(process.pid));
    setInterval(() => {}, 1000);`;

  it('end with all that they have started when the check is over, even what left their group', async () => {
    const running = programs.run(node, ['-e', family]);
    await until(() => existsSync(join(root, 'self')));
    const pids = ['self', 'near', 'far'].map(numberIn);
    assert.deepEqual(pids.map(lives), [true, true, true]);
    stop.abort(new Error('over'));
    await assert.rejects(running, /over/);
    await programs.ended();
    assert.deepEqual(pids.map(lives), [false, false, false]);
    await assert.rejects(programs.run(node, ['-v']), /over/);
  });

  it('end each by itself, whichever others run beside them', async () => {
    const other = new Programs(root, new AbortController().signal);
    const beside = other.run(node, ['-e', 'setTimeout(() => console.log("done"), 600)']);
    const running = programs.run(node, ['-e', family]);
    await until(() => existsSync(join(root, 'self')));
    stop.abort();
    await assert.rejects(running);
    assert.equal((await beside)?.stdout, 'done\n');
  });

  it('leave nothing behind in their group, and nobody waits for it', async () => {
    const leaves = `
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' });
      require('node:fs').writeFileSync('left', String(child.pid));
      child.unref(); process.exit(0);`;
    assert.equal((await programs.run(node, ['-e', leaves]))?.code, 0);
    const left = numberIn('left');
    await until(() => !lives(left));
  });
});
