/** Checks that Pipescope runs no programs in an untrusted folder. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { timeoutMs, WorkbenchUser } from './workbench-user.ts';

describe('an untrusted folder', () => {
  const dir = temporaryDir('pipescope-untrusted-');
  let user: WorkbenchUser;

  before(async () => {
    writeFileSync(join(dir, 'main.ts'), 'export const first = () => 1;\nfirst();\n');
    const settings = { 'security.workspace.trust.startupPrompt': 'never' };
    user = await WorkbenchUser.open({ folder: dir, trusted: false, settings });
    await user.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ timeout: timeoutMs });
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    await user?.close();
    removeDir(dir);
  });

  it('makes the panel explain Restricted Mode instead of offering to profile', async () => {
    await user.runCommand('Pipescope: Open Profiler Panel');
    await user.panel.getByText(/Restricted Mode/).waitFor({ timeout: timeoutMs });
    await user.screenshot('untrusted');
    assert.equal(await user.panel.getByRole('button', { name: 'Profile' }).count(), 0);
  });

  it('hides the commands that run programs', async () => {
    await user.searchQuickInput('F1', '>Pipescope: ', 'Open Profiler Panel');
    const titles = await user.rows.allInnerTexts();
    assert.deepEqual(
      // Open Profile… only reads a file.
      titles.filter((title) => /(?<!Open )Profile…|Run Benchmark|Restart|Validate|Verify|Quick Fix/.test(title)),
      [],
    );
    await user.page.keyboard.press('Escape');
  });

  it('can be profiled after it is trusted', async () => {
    await user.runCommand('Workspaces: Manage Workspace Trust');
    await user.page.getByRole('button', { name: 'Trust', exact: true }).first().click({ timeout: timeoutMs });
    await user.runCommand('Pipescope: Open Profiler Panel');
    await user.panel.getByRole('button', { name: 'Profile' }).first().click({ timeout: timeoutMs });
    await user.pick('Function-call detection');
    await user.panel.getByText(/succeeded after/).waitFor({ timeout: timeoutMs });
    // The folder itself is unchanged.
    assert.equal(existsSync(join(dir, 'main.ts')), true);
  });
});
