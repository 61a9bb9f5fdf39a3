/** `npm start -- --no-open`: one command, and the address that it prints has Pipescope in it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { environment, node, root } from '../setup.mjs';
import { eventually, Person, soonMs } from './person.ts';

describe('npm start', () => {
  const dir = temporaryDir('pipescope-npm-start-');
  let child: ChildProcess;
  let output = '';
  let person: Person | undefined;

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
    await person?.tellsFailure(this.currentTest);
  });

  after(async () => {
    child.kill('SIGKILL');
    await person?.leaves();
    removeDir(dir);
  });

  const address = () => /^Pipescope is ready: (http:\/\/127\.0\.0\.1:\d+)\/\?folder=(.+)$/m.exec(output);

  it('prints the address on a line of its own', async () => {
    const [, , folder] = await eventually('the address', async () => address() ?? undefined, 60_000);
    assert.equal(folder, dir);
    assert.ok(output.includes(`kept in ${join(dir, 'pipescope', 'start')}`), output);
  });

  it('has the extension for whoever opens that address', async () => {
    const origin = address()?.[1];
    assert.ok(origin);
    person = await Person.follows(origin, { folder: dir });
    assert.equal(await person.page.getByText(/do you trust the authors/i).count(), 0);
    await person.runs('Pipescope: Open Profiler Panel');
    await person.panel.getByRole('button', { name: 'Profile' }).first().waitFor({ timeout: soonMs });
  });

  it('ends with all that it started when it is told to', async () => {
    const origin = address()?.[1] ?? '';
    assert.equal((await fetch(origin)).ok, true);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    await assert.rejects(fetch(origin));
  });

  it('says what is wrong with its arguments', async () => {
    for (const [parameter, message] of [
      ['--teapot', /Unknown option --teapot[\s\S]*Usage/],
      ['/no/such/folder', /\/no\/such\/folder is no folder/],
    ] as const) {
      const wrong = spawn(node, ['test/workbench/start.mjs', parameter], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      wrong.stderr.on('data', (chunk: Buffer) => {
        said += chunk;
      });
      const code = await new Promise((resolve) => wrong.once('close', resolve));
      assert.equal(code, 1);
      assert.match(said, message);
    }
  });
});
