/** A person validates a repository with known faults, mends one, and reads what changed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { Person, soonMs } from './person.ts';

const runMs = 90_000;

const conflict = ['export const sum = [', '<<<<<<< HEAD', '  1,', '=======', '  2,', '>>>>>>> other', '];', ''].join(
  '\n',
);

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "planted", "version": "1.0.0", "license": "MIT", "scripts": { "test": "node --test" } }\n',
  'README.md': '# Planted\n',
  'src/sum.js': conflict,
  'test/sum.test.js': "const { it } = require('node:test');\n\nit.only('sums', () => {});\n",
};

const own = {
  id: 'OWN_NUMBERS',
  severity: 'warning',
  command: 'node',
  args: ['check.js'],
  parse: '^(?<file>[^:]+):(?<line>\\d+): (?<message>.*)$',
};
const release = { checks: ['OWN_NUMBERS', 'WS_GIT_HEAD'], minScore: 0 };

const slow = { id: 'OWN_SLOW', command: 'node', args: ['-e', 'setTimeout(() => {}, 600_000)'], timeoutMs: 600_000 };
const waiting = { checks: ['WS_GIT_HEAD', 'OWN_SLOW'] };

describe('a person who validates a repository', function () {
  // Each step goes on from the one before.
  this.bail(true);
  const dir = temporaryDir('pipescope-validation-');
  let person: Person;

  before(async () => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'plant');
    // However busy the machine is, every check has its time.
    person = await Person.opens({ folder: dir, settings: { 'pipescope.dod.timeLimit': false } });
  });

  afterEach(async function () {
    await person?.tellsFailure(this.currentTest);
  });

  after(async () => {
    await person?.leaves();
    removeDir(dir);
  });

  it('reads in the empty view what to do', async () => {
    await person.runs('Pipescope: Focus on Validation View');
    const view = person.page.locator('.pane', { hasText: 'Is this workspace done?' });
    await view.locator('.monaco-text-button', { hasText: 'Validate Workspace…' }).waitFor({ timeout: soonMs });
    await person.photographs('validation-empty');
    // The view has the whole side bar: rows below the fold are not in the page.
    for (const name of ['Pipelines Section', 'Components Section']) {
      await person.page.getByRole('button', { name }).click();
    }
  });

  it('picks a profile, and reads how it ended', async () => {
    await person.runs('Pipescope: Validate Workspace…');
    await person.rows.filter({ hasText: 'enterprise' }).first().waitFor({ timeout: soonMs });
    await person.photographs('validation-profiles');
    await person.picks('What should hold while you work');
    await person.toast(/Not ready: \d+ of 100 with profile dev/).waitFor({ timeout: runMs });
    await person.photographs('validation-ended');
  });

  it('sees verdict, categories and checks, each with its status in a word', async () => {
    const verdict = row(/^Not ready, \d+ of 100/);
    await verdict.waitFor({ timeout: soonMs });
    await row(/^A Workspace integrity, failed/).waitFor({ timeout: soonMs });
    await row(/^WS_CONFLICTS, failed/).waitFor({ timeout: soonMs });
    await row(/^WS_GIT_HEAD, passed/).waitFor({ timeout: soonMs });
  });

  it('goes by keyboard from a check to the line that it found', async () => {
    await row(/^WS_CONFLICTS, failed/).click();
    const finding = row(/^src\/sum\.js:2/);
    await finding.waitFor({ timeout: soonMs });
    await person.photographs('validation-check');
    await person.page.keyboard.press('ArrowDown');
    await person.page.locator('.monaco-list-row.focused', { hasText: 'sum.js:2' }).waitFor({ timeout: soonMs });
    await person.page.keyboard.press('Enter');
    await person.page.locator('.tab.active', { hasText: 'sum.js' }).waitFor({ timeout: soonMs });
    await person.page.locator('.statusbar-item', { hasText: /Ln 2, Col 1/ }).waitFor({ timeout: soonMs });
  });

  it('finds the line among the problems', async () => {
    await person.runs('View: Toggle Problems');
    const problem = person.page.locator('.markers-panel .monaco-list-row', { hasText: 'WS_CONFLICTS' }).first();
    await problem.waitFor({ timeout: soonMs });
    await person.photographs('validation-problems');
    assert.match(await problem.innerText(), /Ln 2/);
  });

  it('is asked before a quick fix runs, sees its words, and its output in a terminal', async () => {
    await row(/^WS_CONFLICTS, failed/).hover();
    await row(/^WS_CONFLICTS, failed/)
      .getByRole('button', { name: /Quick Fix/ })
      .click();
    const dialog = person.page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: soonMs });
    await person.photographs('validation-fix-asked');
    assert.match(await dialog.innerText(), /git diff --check/);
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await person.page
      .locator('.terminal-tab, .single-terminal-tab', { hasText: 'WS_CONFLICTS' })
      .first()
      .waitFor({ timeout: soonMs });
    await person.photographs('validation-fix-ran');
  });

  it('opens the report', async () => {
    await person.runs('Pipescope: Open Validation Report');
    const report = person.panel.locator('body', { hasText: 'Definition of Done' });
    await report.waitFor({ timeout: soonMs });
    assert.match(await report.innerText(), /WS_CONFLICTS[\s\S]*There was no budget\./);
    await person.photographs('validation-report');
  });

  it('verifies the receipt of the bundle that is picked', async () => {
    await person.runs('Pipescope: Verify Receipt');
    await person.rows.filter({ hasText: 'Not ready' }).first().waitFor({ timeout: soonMs });
    await person.photographs('validation-bundles');
    await person.picks('Not ready');
    await person.toast(/is as it was written: \d+ files and \d+ checks match the receipt/).waitFor({ timeout: soonMs });
  });

  it('mends the file, validates again, and its problems are gone', async () => {
    write('src/sum.js', 'export const sum = [1, 2];\n');
    git('commit', '--quiet', '--all', '--message', 'mend');
    await person.runs('Pipescope: Validate Workspace…');
    // The profile that was taken last is the first.
    await person.rows.filter({ hasText: 'last used' }).waitFor({ timeout: soonMs });
    assert.match(await person.rows.first().innerText(), /dev[\s\S]*last used/);
    await person.input.first().press('Enter');
    await person.input.first().waitFor({ state: 'hidden', timeout: soonMs });
    // Only what failed is unfolded.
    await row(/^A Workspace integrity, passed/).click({ timeout: runMs });
    await row(/^WS_CONFLICTS, passed/).waitFor({ timeout: soonMs });
    await row(/^TST_FOCUSED, failed/).waitFor({ timeout: soonMs });
    await person.runs('Problems: Focus on Problems View');
    await person.page
      .locator('.markers-panel .monaco-list-row', { hasText: 'TST_FOCUSED' })
      .first()
      .waitFor({ timeout: soonMs });
    assert.equal(await person.page.locator('.markers-panel .monaco-list-row', { hasText: 'WS_CONFLICTS' }).count(), 0);
    await person.photographs('validation-again');
  });

  it('validates with a profile and a check of the workspace', async () => {
    write('check.js', "console.log('src/sum.js:1: Two numbers are too few.');\nprocess.exitCode = 1;\n");
    write('pipescope.json', JSON.stringify({ validation: { checks: [own], profiles: { release } } }));
    await person.runs('Pipescope: Validate Workspace…');
    await person.picks('Defined in pipescope.json');
    await row(/^own, warning/).click({ timeout: runMs });
    await row(/^OWN_NUMBERS, warning/).waitFor({ timeout: soonMs });
    const problems = person.page.locator('.markers-panel .monaco-list-row');
    await problems.filter({ hasText: /Two numbers are too few\..*OWN_NUMBERS.*Ln 1/ }).waitFor({ timeout: soonMs });
    assert.equal(await problems.filter({ hasText: 'TST_FOCUSED' }).count(), 0);
    await person.photographs('validation-own');
  });

  it('reads the same verdict in the panel', async () => {
    await person.runs('Pipescope: Open Profiler Panel');
    await person.panel.locator('.tiles').waitFor({ timeout: soonMs });
    await person.photographs('validation-panel');
    assert.match(await person.panel.locator('.components').innerText(), /workspace[\s\S]*tests/);
  });

  it('finds the result again after a reload of the window', async () => {
    await person.reloads();
    await row(/^Incomplete, 0 of 100/).waitFor({ timeout: runMs });
    // The editor gives the panel the focus when its page is there, which would close a list that is open by then.
    await person.panel.locator('.tiles').waitFor({ timeout: runMs });
    await person.photographs('validation-reloaded');
    // What an earlier window was told is not told again.
    assert.equal(await person.toast(/with profile release/).count(), 0);
  });

  it('watches a slow check and cancels it, after which there is no result', async () => {
    write('pipescope.json', JSON.stringify({ validation: { checks: [slow], profiles: { release: waiting } } }));
    await person.runs('Pipescope: Validate Workspace…');
    await person.picks('Defined in pipescope.json');
    const progress = person.toast('Validating with profile release');
    await row(/^Validating, 1 check done/).waitFor({ timeout: runMs });
    await row(/^workspace, ok/).waitFor({ timeout: soonMs });
    await person.photographs('validation-running');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await row(/^No result, Stopped\./).waitFor({ timeout: runMs });
    await person.photographs('validation-cancelled');
  });

  /** A row of the view by what a screen reader says of it. */
  function row(label: RegExp) {
    return person.page.locator('.pane-body .monaco-list-row').and(person.page.getByRole('treeitem', { name: label }));
  }

  function write(file: string, text: string): void {
    const path = join(dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  function git(...words: string[]): void {
    const who = ['-c', 'user.name=Someone', '-c', 'user.email=someone@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...words], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
  }
});
