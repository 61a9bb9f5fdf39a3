import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startPythonStacks } from '../../../src/node/run/python-stacks/start-python-stacks.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { startPython } from '../../probe/python-stacks/running-python.ts';
import { findInterpreters } from '../../python/interpreters.ts';

const dist = resolve(import.meta.dirname, '../../../dist');
const cli = join(dist, 'cli.js');
const run = promisify(execFile);

/** Counts much and takes long, in several processes: with fork, with spawn, and with another program in the same process. */
const program = `
import multiprocessing, os, sys, time
def keep(function): return function
class Work:
    @staticmethod
    @keep
    def busy(seconds):
        until = time.time() + seconds
        while time.time() < until: numbers(300)
def square(i): return i * i
def squares(n):
    for i in range(n): yield square(i)
def numbers(n): return sum(squares(n))
if __name__ == '__main__':
    if len(sys.argv) > 1:
        Work.busy(0.6); print('second')
    else:
        for method in ('fork', 'spawn'):
            child = multiprocessing.get_context(method).Process(target=Work.busy, args=(0.6,))
            child.start(); child.join()
        Work.busy(1.5); print('first', flush=True)
        os.execv(sys.executable, [sys.executable, sys.argv[0], 'again'])
`;

const endless = `
import os, sys
def spin():
    while True: pass
print(os.listdir('/proc/self/fd'), flush=True)
spin()
`;

describe('stacks of Python programs in a run', function () {
  this.timeout(120_000);
  let folder = '';

  before(function () {
    if (process.platform !== 'linux') this.skip();
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipescope-python-run-')));
    writeFileSync(join(folder, 'program.py'), program);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function profile(
    ...options: readonly string[]
  ): Promise<{ readonly stdout: string; readonly snapshot: Snapshot }> {
    const file = join(folder, 'snapshot.json');
    const argv = [cli, 'run', '--no-summary', '--snapshot', file, ...options, '--', 'python3', 'program.py'];
    const { stdout } = await run(process.execPath, argv, { cwd: folder });
    return { stdout, snapshot: JSON.parse(readFileSync(file, 'utf8')) as Snapshot };
  }

  it('have one row for each function, with exact counts and sampled times, in all processes', async () => {
    const { stdout, snapshot } = await profile();
    assert.equal(stdout, 'first\nsecond\n');
    const named = (name: string) => snapshot.operations.filter((operation) => operation.name === name);
    for (const name of ['Work.busy', 'numbers', 'square']) {
      const [row, ...others] = named(name);
      assert.deepEqual(others, [], `one row for ${name}`);
      assert.ok(row && row.count > 0 && (row.samples ?? 0) > 0, `${name}: ${JSON.stringify(row)}`);
    }
    assert.equal(named('Work.busy')[0]?.count, 4);
    const lines = program.split('\n');
    assert.equal(named('Work.busy')[0]?.line, lines.findIndex((line) => line.includes('def busy')) + 1);
    const [generator] = named('squares');
    assert.ok(generator && generator.count === 0 && (generator.samples ?? 0) > 0, 'the generator was sampled');
    const threads = snapshot.stacks?.threads.filter(({ name }) => !name.includes('thread')) ?? [];
    assert.ok(new Set(threads.map((thread) => thread.process)).size >= 3, 'parent and both children');
    assert.ok(
      snapshot.processes.every(({ ended }) => ended),
      'every source has sent its last batch',
    );
    const main = snapshot.processes.filter(({ threadId, runtime }) => threadId === 0 && runtime.startsWith('python'));
    assert.ok(
      main.every(({ source }) => !source.endsWith('/stacks')),
      'each process is listed once',
    );
  });

  it('are not read if sampling is off', async () => {
    const { snapshot } = await profile('--sampling', 'off');
    assert.equal(snapshot.stacks, undefined);
    assert.ok(snapshot.operations.some(({ name, count }) => name === 'square' && count > 0));
  });

  it('of a running program are read without a trace in it', async () => {
    const running = await startPython('python3', endless);
    try {
      const describe = () => [
        readdirSync(`/proc/${running.pid}/fd`).length,
        readdirSync(`/proc/${running.pid}/task`).length,
        /^TracerPid:.*$/m.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[0],
      ];
      const before = describe();
      const batches: Batch[] = [];
      const options = { dist, workspace: running.folder, onBatch: (batch: Batch) => void batches.push(batch) };
      const stacks = await startPythonStacks({ pid: running.pid, ...options });
      await sleep(600);
      assert.deepEqual(describe(), before);
      await stacks.stop();
      assert.deepEqual(describe(), before);
      const names = batches.flatMap(({ definitions = [] }) => definitions.map(({ name }) => name));
      assert.ok(names.includes('spin'), names.join());
      assert.ok(batches.at(-1)?.bye, 'the last batch says so');
      const own = readdirSync('/proc/self/fd').flatMap((fd) => [linkOf(`/proc/self/fd/${fd}`)]);
      assert.ok(!own.some((file) => file.startsWith(`/proc/${running.pid}/`)), own.join());
    } finally {
      await running.end();
    }
  });

  it('end when the program does', async () => {
    const running = await startPython('python3', endless);
    const stacks = await startPythonStacks({
      pid: running.pid,
      dist,
      workspace: running.folder,
      onBatch: () => undefined,
    });
    await running.end();
    await stacks.ended;
    await stacks.stop();
  });

  it('cannot be read of a process that does not exist, is not Python, or is another user’s, and the message says why', async () => {
    const options = { dist, workspace: folder, onBatch: () => undefined };
    await assert.rejects(startPythonStacks({ pid: 2 ** 22 + 1, ...options }), /No process \d+ is running/);
    await assert.rejects(startPythonStacks({ pid: process.pid, ...options }), /does not run CPython/);
    if (process.getuid?.() !== 0) return;
    const running = await startPython('python3', endless);
    try {
      const script = `
        import { startPythonStacks } from ${JSON.stringify(join(import.meta.dirname, '../../../src/node/run/python-stacks/start-python-stacks.ts'))};
        process.setuid(65534);
        await startPythonStacks({ pid: ${running.pid}, dist: ${JSON.stringify(dist)}, workspace: '/', onBatch() {} }).catch((error) => console.log(error.message));`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--no-warnings', '-e', script]);
      assert.match(
        stdout,
        /does not permit reading the memory of process \d+\. It belongs to another user\. Run Pipescope as/,
      );
    } finally {
      await running.end();
    }
  });

  it('of the oldest and the newest Python here can be read', async () => {
    for (const { path, version } of [findInterpreters().at(1), findInterpreters().at(-1)].flatMap(
      (found) => found ?? [],
    )) {
      const running = await startPython(path, endless);
      const stacks = await startPythonStacks({ pid: running.pid, dist, workspace: '/', onBatch: () => undefined });
      assert.ok(version.startsWith(`${stacks.version}.`), `${version}: ${stacks.version}`);
      await stacks.stop();
      await running.end();
    }
  });
});

function linkOf(path: string): string {
  return existsSync(path) ? realpathOr(path) : '';
}

function realpathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return '';
  }
}
