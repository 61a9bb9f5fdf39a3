/** Validates a repository with planted problems in VS Code, fixes one of them, and checks the results in all views. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { timeoutMs, WorkbenchUser } from './workbench-user.ts';

const runTimeoutMs = 90_000;

const conflictedFile = [
  'export const sum = [',
  '<<<<<<< HEAD',
  '  1,',
  '=======',
  '  2,',
  '>>>>>>> other',
  '];',
  '',
].join('\n');

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "planted", "version": "1.0.0", "license": "MIT", "scripts": { "test": "node --test" } }\n',
  'README.md': '# Planted\n',
  'src/sum.js': conflictedFile,
  'test/sum.test.js': "const { it } = require('node:test');\n\nit.only('sums', () => {});\n",
};

const customCheck = {
  id: 'OWN_NUMBERS',
  severity: 'warning',
  command: 'node',
  args: ['check.js'],
  parse: '^(?<file>[^:]+):(?<line>\\d+): (?<message>.*)$',
};
const releaseProfile = { checks: ['OWN_NUMBERS', 'WS_GIT_HEAD'], minScore: 0 };

const slowCheck = {
  id: 'OWN_SLOW',
  command: 'node',
  args: ['-e', 'setTimeout(() => {}, 600_000)'],
  timeoutMs: 600_000,
};
const slowProfile = { checks: ['WS_GIT_HEAD', 'OWN_SLOW'] };

describe('validation commands', function () {
  // Each test continues where the previous one ended.
  this.bail(true);
  const dir = temporaryDir('pipescope-validation-');
  let user: WorkbenchUser;

  before(async () => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'plant');
    // Without the time limit, no check is skipped on a busy machine.
    user = await WorkbenchUser.open({ folder: dir, settings: { 'pipescope.dod.timeLimit': false } });
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    await user?.close();
    removeDir(dir);
  });

  it('are offered by the empty view', async () => {
    await user.runCommand('Pipescope: Focus on Validation View');
    const view = user.page.locator('.pane', { hasText: 'Check whether this workspace is ready' });
    await view.locator('.monaco-text-button', { hasText: 'Validate Workspace…' }).waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-empty');
    // Collapses the other views, because VS Code does not render rows outside the visible area.
    for (const name of ['Pipelines Section', 'Components Section']) {
      await user.page.getByRole('button', { name }).click();
    }
  });

  it('ask for a profile and report the result', async () => {
    await user.runCommand('Pipescope: Validate Workspace…');
    await user.rows.filter({ hasText: 'enterprise' }).first().waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-profiles');
    await user.pick('Quick checks to run often while you work');
    await user.toast(/Not ready: \d+ of 100 with profile dev/).waitFor({ timeout: runTimeoutMs });
    await user.screenshot('validation-ended');
  });

  it('list verdict, categories and checks with their status as text', async () => {
    const verdict = row(/^Not ready, \d+ of 100/);
    await verdict.waitFor({ timeout: timeoutMs });
    await row(/^A Workspace integrity, failed/).waitFor({ timeout: timeoutMs });
    await row(/^WS_CONFLICTS, failed/).waitFor({ timeout: timeoutMs });
    await row(/^WS_GIT_HEAD, passed/).waitFor({ timeout: timeoutMs });
  });

  it('lead by keyboard from a check to the line of its finding', async () => {
    await row(/^WS_CONFLICTS, failed/).click();
    const finding = row(/^src\/sum\.js:2/);
    await finding.waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-check');
    await user.page.keyboard.press('ArrowDown');
    await user.page.locator('.monaco-list-row.focused', { hasText: 'sum.js:2' }).waitFor({ timeout: timeoutMs });
    await user.page.keyboard.press('Enter');
    await user.page.locator('.tab.active', { hasText: 'sum.js' }).waitFor({ timeout: timeoutMs });
    await user.page.locator('.statusbar-item', { hasText: /Ln 2, Col 1/ }).waitFor({ timeout: timeoutMs });
  });

  it('add the finding to the Problems view', async () => {
    await user.runCommand('View: Toggle Problems');
    const problem = user.page.locator('.markers-panel .monaco-list-row', { hasText: 'WS_CONFLICTS' }).first();
    await problem.waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-problems');
    assert.match(await problem.innerText(), /Ln 2/);
  });

  it('ask for confirmation before a quick fix runs in a terminal', async () => {
    await row(/^WS_CONFLICTS, failed/).hover();
    await row(/^WS_CONFLICTS, failed/)
      .getByRole('button', { name: /Quick Fix/ })
      .click();
    const dialog = user.page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-fix-asked');
    assert.match(await dialog.innerText(), /git diff --check/);
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await user.page
      .locator('.terminal-tab, .single-terminal-tab', { hasText: 'WS_CONFLICTS' })
      .first()
      .waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-fix-ran');
  });

  it('open the report', async () => {
    await user.runCommand('Pipescope: Open Validation Report');
    const report = user.panel.locator('body', { hasText: 'Definition of Done' });
    await report.waitFor({ timeout: timeoutMs });
    assert.match(await report.innerText(), /WS_CONFLICTS[\s\S]*There was no time budget\./);
    await user.screenshot('validation-report');
  });

  it('verify the receipt of the selected bundle', async () => {
    await user.runCommand('Pipescope: Verify Receipt');
    await user.rows.filter({ hasText: 'Not ready' }).first().waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-bundles');
    await user.pick('Not ready');
    await user.toast(/is unchanged: \d+ files and \d+ checks match the receipt/).waitFor({ timeout: timeoutMs });
  });

  it('remove the problems of a file that was fixed', async () => {
    write('src/sum.js', 'export const sum = [1, 2];\n');
    git('commit', '--quiet', '--all', '--message', 'fix');
    await user.runCommand('Pipescope: Validate Workspace…');
    // The last used profile is listed first.
    await user.rows.filter({ hasText: 'last used' }).waitFor({ timeout: timeoutMs });
    assert.match(await user.rows.first().innerText(), /dev[\s\S]*last used/);
    await user.input.first().press('Enter');
    await user.input.first().waitFor({ state: 'hidden', timeout: timeoutMs });
    const integrity = row(/^A Workspace integrity, passed/);
    await integrity.waitFor({ timeout: runTimeoutMs });
    await row(/^TST_FOCUSED, failed/).waitFor({ timeout: runTimeoutMs });
    // New rows are expanded only if they failed, but rows that were expanded before may stay so.
    if ((await integrity.getAttribute('aria-expanded')) === 'false') await integrity.click();
    await row(/^WS_CONFLICTS, passed/).waitFor({ timeout: timeoutMs });
    await user.runCommand('Problems: Focus on Problems View');
    await user.page
      .locator('.markers-panel .monaco-list-row', { hasText: 'TST_FOCUSED' })
      .first()
      .waitFor({ timeout: timeoutMs });
    assert.equal(await user.page.locator('.markers-panel .monaco-list-row', { hasText: 'WS_CONFLICTS' }).count(), 0);
    await user.screenshot('validation-again');
  });

  it('use a custom profile and a custom check of the workspace', async () => {
    write('check.js', "console.log('src/sum.js:1: Two numbers are too few.');\nprocess.exitCode = 1;\n");
    write(
      'pipescope.json',
      JSON.stringify({ validation: { checks: [customCheck], profiles: { release: releaseProfile } } }),
    );
    await user.runCommand('Pipescope: Validate Workspace…');
    await user.pick('Defined in pipescope.json');
    await row(/^own, warning/).click({ timeout: runTimeoutMs });
    await row(/^OWN_NUMBERS, warning/).waitFor({ timeout: timeoutMs });
    const problems = user.page.locator('.markers-panel .monaco-list-row');
    await problems.filter({ hasText: /Two numbers are too few\..*OWN_NUMBERS.*Ln 1/ }).waitFor({ timeout: timeoutMs });
    assert.equal(await problems.filter({ hasText: 'TST_FOCUSED' }).count(), 0);
    await user.screenshot('validation-own');
  });

  it('show the components of the run in the panel', async () => {
    await user.runCommand('Pipescope: Open Profiler Panel');
    await user.panel.locator('.tiles').waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-panel');
    assert.match(await user.panel.locator('.components').innerText(), /workspace[\s\S]*tests/);
  });

  it('restore the result after the window is reloaded', async () => {
    await user.reloadWindow();
    await row(/^Incomplete, 0 of 100/).waitFor({ timeout: runTimeoutMs });
    // VS Code focuses the panel when its page has loaded, which would close a quick pick opened before.
    await user.panel.locator('.tiles').waitFor({ timeout: runTimeoutMs });
    await user.screenshot('validation-reloaded');
    // A notification shown before the reload is not repeated.
    assert.equal(await user.toast(/with profile release/).count(), 0);
  });

  it('show the progress of a slow check, and no result after it is cancelled', async () => {
    write(
      'pipescope.json',
      JSON.stringify({ validation: { checks: [slowCheck], profiles: { release: slowProfile } } }),
    );
    await user.runCommand('Pipescope: Validate Workspace…');
    await user.pick('Defined in pipescope.json');
    const progress = user.toast('Validating with profile release');
    await row(/^Validating, 1 check done/).waitFor({ timeout: runTimeoutMs });
    await row(/^workspace, ok/).waitFor({ timeout: timeoutMs });
    await user.screenshot('validation-running');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await row(/^No result, Stopped\./).waitFor({ timeout: runTimeoutMs });
    await user.screenshot('validation-cancelled');
  });

  /** Returns a row of the view by its accessible name. */
  function row(label: RegExp) {
    return user.page.locator('.pane-body .monaco-list-row').and(user.page.getByRole('treeitem', { name: label }));
  }

  function write(file: string, text: string): void {
    const path = join(dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  function git(...args: string[]): void {
    const identity = ['-c', 'user.name=Someone', '-c', 'user.email=someone@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...identity, ...args], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
  }
});
