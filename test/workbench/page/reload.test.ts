/** Reloads the window while a program runs: the run is resumed, and its totals are exact at the end. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSnapshot } from '../../../src/protocol/snapshot.ts';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, timeoutMs, WorkbenchUser } from './workbench-user.ts';

/** Works until the file `end` exists, then writes its number of calls and exits with code 7. */
const programSource = `const { existsSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
function work(calls) {
  return calls + 1;
}
// The child process ends before the window is reloaded.
if (process.argv[2] === 'child') for (let calls = 0; calls < 300; ) calls = work(calls);
else {
  spawnSync(process.execPath, [__filename, 'child']);
  let calls = 0;
  writeFileSync('pid', String(process.pid));
  const round = () => {
    for (let left = 50; left > 0; left--) calls = work(calls);
    console.log('calls ' + calls);
    if (!existsSync('end')) return setTimeout(round, 20);
    writeFileSync('calls', String(calls));
    process.exitCode = 7;
  };
  round();
}
`;

describe('reloading the window during a run', function () {
  this.bail(true);
  const dir = temporaryDir('pipescope-reload-');
  const pathInDir = (name: string) => join(dir, name);
  let user: WorkbenchUser;

  before(async () => {
    writeFileSync(pathInDir('main.cjs'), programSource);
    user = await WorkbenchUser.open({ folder: dir, extension: root });
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    writeFileSync(pathInDir('end'), '');
    await user?.close();
    removeDir(dir);
  });

  const panelText = () => user.panel.locator('body').innerText();

  it('starts with a running program in the panel', async () => {
    await user.openFile('main.cjs');
    await user.page.locator('.view-line', { hasText: 'function work' }).click();
    await user.runCommand('Pipescope: Time This Function Exactly');
    await user.page.getByText('Timing calls of work').waitFor({ timeout: timeoutMs });
    await user.runCommand('Pipescope: Profile Active File');
    await eventually(
      'a run in the panel',
      async () => /running 0?0:0[2-9]/.test(await panelText()) && existsSync(pathInDir('pid')),
    );
    await user.screenshot('reload-before');
  });

  it('shows the same process as running after the reload', async () => {
    await user.reloadWindow();
    await eventually('the run in the panel', async () => /running \d/.test(await panelText().catch(() => '')));
    process.kill(Number(readFileSync(pathInDir('pid'), 'utf8')), 0);
    await user.screenshot('reload-after');
  });

  it('keeps the totals and the exit code exact', async () => {
    writeFileSync(pathInDir('end'), '');
    await user.panel.getByText(/failed after/).waitFor({ timeout: timeoutMs });
    await user.screenshot('reload-ended');
    const read = await user.exportSnapshot(pathInDir('run.pipescope.json'));
    assert.ok(isSnapshot(read));
    assert.deepEqual([read.run.result, read.run.exitCode, read.dropped.batches], ['failure', 7, 0]);
    const work = read.operations.find(({ name }) => name === 'work');
    assert.equal(work?.count, 300 + Number(readFileSync(pathInDir('calls'), 'utf8')));
    assert.ok(read.run.durationNs / 1e6 > 2000);
  });

  it('exports the same data after another reload, although the run has ended', async () => {
    const before: unknown = JSON.parse(readFileSync(pathInDir('run.pipescope.json'), 'utf8'));
    await user.reloadWindow();
    await user.panel.getByText(/failed after/).waitFor({ timeout: timeoutMs });
    const after = await user.exportSnapshot(pathInDir('again.pipescope.json'));
    assert.ok(isSnapshot(before) && isSnapshot(after));
    assert.ok(before.operations.some(({ histogram }) => histogram !== undefined));
    assert.deepEqual({ ...after, overhead: 0 }, { ...before, overhead: 0 });
  });

  it('keeps profiling terminals until the user stops it', async () => {
    const statusItem = user.page.getByText('Terminals profiled');
    await user.runCommand('Pipescope: Profile Integrated Terminals');
    await statusItem.waitFor({ timeout: timeoutMs });
    await user.reloadWindow();
    await statusItem.waitFor({ timeout: timeoutMs });
    await eventually('the run in the panel', async () =>
      /Integrated terminals[\s\S]*running \d/.test(await panelText()),
    );
    await user.screenshot('reload-terminals');
    await user.runCommand('Pipescope: Profile Integrated Terminals');
    await statusItem.waitFor({ state: 'hidden', timeout: timeoutMs });
    await user.panel.getByText(/succeeded after/).waitFor({ timeout: timeoutMs });
  });
});
