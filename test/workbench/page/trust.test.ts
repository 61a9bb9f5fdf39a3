/** In a folder that a person does not trust, nothing runs. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { Person, soonMs } from './person.ts';

describe('a person who does not trust a folder', () => {
  const dir = temporaryDir('pipescope-untrusted-');
  let person: Person;

  before(async () => {
    writeFileSync(join(dir, 'main.ts'), 'export const one = () => 1;\none();\n');
    const settings = { 'security.workspace.trust.startupPrompt': 'never' };
    person = await Person.opens({ folder: dir, trusted: false, settings });
    await person.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ timeout: soonMs });
  });

  afterEach(async function () {
    await person?.tellsFailure(this.currentTest);
  });

  after(async () => {
    await person?.leaves();
    removeDir(dir);
  });

  it('opens the panel, which says why nothing runs and what to do', async () => {
    await person.runs('Pipescope: Open Profiler Panel');
    await person.panel.getByText(/Restricted Mode/).waitFor({ timeout: soonMs });
    await person.photographs('untrusted');
    assert.equal(await person.panel.getByRole('button', { name: 'Profile' }).count(), 0);
  });

  it('is not offered to run anything', async () => {
    await person.asks('F1', '>Pipescope: ', 'Open Profiler Panel');
    const titles = await person.rows.allInnerTexts();
    assert.deepEqual(
      titles.filter((title) => /Profile…|Run Benchmark|Restart|Validate|Verify|Quick Fix/.test(title)),
      [],
    );
    await person.page.keyboard.press('Escape');
  });

  it('runs after the folder is trusted', async () => {
    await person.runs('Workspaces: Manage Workspace Trust');
    await person.page.getByRole('button', { name: 'Trust', exact: true }).first().click({ timeout: soonMs });
    await person.runs('Pipescope: Open Profiler Panel');
    await person.panel.getByRole('button', { name: 'Profile' }).first().click({ timeout: soonMs });
    await person.picks('Function-call detection');
    await person.panel.getByText(/succeeded after/).waitFor({ timeout: soonMs });
    // The folder itself stays as it was.
    assert.equal(existsSync(join(dir, 'main.ts')), true);
  });
});
