/** Checks `npm start -- --no-open`: it prints the address of a VS Code with Pipescope installed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { environment, node, root } from '../setup.mjs';
import { eventually, timeoutMs, WorkbenchUser } from './workbench-user.ts';

describe('npm start', () => {
  const dir = temporaryDir('pipescope-npm-start-');
  let child: ChildProcess;
  let output = '';
  let user: WorkbenchUser | undefined;

  before(() => {
    child = spawn(node, ['test/workbench/start.mjs', dir, '--no-open', '--built'], {
      cwd: root,
      env: { ...environment(), XDG_CACHE_HOME: dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    child.kill('SIGKILL');
    await user?.close();
    removeDir(dir);
  });

  const matchAddress = () => /^Pipescope is ready: (http:\/\/127\.0\.0\.1:\d+)\/\?folder=(.+)$/m.exec(output);

  it('prints the address on a separate line', async () => {
    const [, , folder] = await eventually('the address', async () => matchAddress() ?? undefined, 60_000);
    assert.equal(folder, dir);
    assert.ok(output.includes(`kept in ${join(dir, 'pipescope', 'start')}`), output);
  });

  it('serves a VS Code with the extension at the address', async () => {
    const origin = matchAddress()?.[1];
    assert.ok(origin);
    user = await WorkbenchUser.openAt(origin, { folder: dir });
    assert.equal(await user.page.getByText(/do you trust the authors/i).count(), 0);
    await user.runCommand('Pipescope: Open Profiler Panel');
    await user.panel.getByRole('button', { name: 'Profile' }).first().waitFor({ timeout: timeoutMs });
  });

  it('stops everything it started on SIGTERM', async () => {
    const origin = matchAddress()?.[1] ?? '';
    assert.equal((await fetch(origin)).ok, true);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    await assert.rejects(fetch(origin));
  });

  it('reports invalid arguments', async () => {
    for (const [parameter, message] of [
      ['--teapot', /Unknown option --teapot[\s\S]*Usage/],
      ['/no/such/folder', /\/no\/such\/folder is not a folder/],
    ] as const) {
      const wrong = spawn(node, ['test/workbench/start.mjs', parameter], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let errorOutput = '';
      wrong.stderr.on('data', (chunk: Buffer) => {
        errorOutput += chunk;
      });
      const code = await new Promise((resolve) => wrong.once('close', resolve));
      assert.equal(code, 1);
      assert.match(errorOutput, message);
    }
  });
});
