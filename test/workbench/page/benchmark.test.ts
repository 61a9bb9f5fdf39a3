/** Uses the benchmark commands in VS Code on a program with a planted change, and checks the results in all views. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, timeoutMs, WorkbenchUser } from './workbench-user.ts';

/** Time limit of a whole comparison on a busy machine. */
const comparisonTimeoutMs = 120_000;

/** Returns a program whose steps each wait about the given milliseconds, so that the load of the machine hardly matters. */
const programSource = (steps: Readonly<Record<string, number>>): string => `
const { span } = await import(${JSON.stringify(join(root, 'dist/probe.js'))});
const about = (ms) => new Promise((done) => setTimeout(done, ms * (0.95 + 0.1 * Math.random())));
${Object.entries(steps)
  .map(([name, ms]) => `export async function ${name}() {\n  await about(${ms});\n}\n`)
  .join('\n')}
const steps = { ${Object.keys(steps).join(', ')} };
const lines = ${JSON.stringify(Object.fromEntries(Object.keys(steps).map((name, index) => [name, 4 + index * 4])))};
for (let order = 0; order < 3; order++) {
  for (const [name, step] of Object.entries(steps)) {
    await span(name, step, { component: 'orders', file: 'orders.mjs', line: lines[name] });
  }
}
`;

describe('benchmark commands', function () {
  // Each test continues where the previous one ended.
  this.bail(true);
  const dir = temporaryDir('pipescope-benchmark-');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: dir, encoding: 'utf8' });
  const writeProgram = (steps: Readonly<Record<string, number>>) =>
    writeFileSync(join(dir, 'orders.mjs'), programSource(steps));
  let user: WorkbenchUser;

  before(async () => {
    git('init', '-q', '-b', 'main');
    writeProgram({ readOrders: 20, parse: 30, price: 25, store: 15 });
    git('add', '-A');
    git('commit', '-qm', 'take orders');
    writeProgram({ readOrders: 20, parse: 120, price: 14, store: 15 });
    user = await WorkbenchUser.open({ folder: dir, settings: { 'pipescope.benchmark.runs': 15 } });
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    await user?.close();
    removeDir(dir);
  });

  it('show the progress of a benchmark against a commit', async () => {
    await user.runCommand('Pipescope: Benchmark Against…');
    await user.pick('Command…');
    await user.input.first().fill('node orders.mjs', { timeout: timeoutMs });
    await user.page.keyboard.press('Enter');
    await user.rows.filter({ hasText: 'take orders' }).first().waitFor({ timeout: timeoutMs });
    await user.screenshot('benchmark-against');
    await user.pick(/main.*take orders/);
    const progress = user.toast('Benchmark of node orders.mjs');
    await progress.filter({ hasText: /run \d+ of (at most )?\d+/ }).waitFor({ timeout: timeoutMs });
    await user.screenshot('benchmark-running');
  });

  it('show the verdict in a notification and in the panel', async () => {
    const notification = user.toast(/Against “main”/);
    await notification.waitFor({ timeout: comparisonTimeoutMs });
    assert.match(await notification.innerText(), /run regressed \(\+\d+/);
    const table = user.panel.getByRole('table', { name: 'Comparison' });
    await table.waitFor({ timeout: timeoutMs });
    const rowText = async (name: string) => table.locator('tr', { hasText: name }).first().innerText();
    assert.match(await rowText('parse'), /regressed/);
    assert.match(await rowText('price'), /improved/);
    assert.doesNotMatch(await rowText('readOrders'), /regressed|improved/);
    await notification.getByRole('button', { name: /Clear Notification/ }).click();
    await user.screenshot('compare');
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('open the function of a row and show its change in a CodeLens', async () => {
    await user.panel.getByRole('button', { name: 'parse', exact: true }).click();
    await user.page.locator('.tab.active', { hasText: 'orders.mjs' }).waitFor({ timeout: timeoutMs });
    const texts = await eventually('CodeLenses for a slower and a faster function', async () => {
      const all = await user.lenses.allInnerTexts();
      return all.some((text) => text.includes('▲')) && all.some((text) => text.includes('▼')) && all;
    });
    assert.match(texts.join('\n'), /▲ \+[\d.]+ %[\s\S]*▼ −[\d.]+ %/);
    await user.screenshot('compare-lens');
  });

  it('add the run to the history', async () => {
    await user.runCommand('Pipescope: Show Benchmark History');
    await user.panel.getByRole('tabpanel', { name: /History/ }).waitFor({ timeout: timeoutMs });
    await user.panel.getByText('Detecting a new level needs 10 runs; there is 1.').waitFor({ timeout: timeoutMs });
    await user.screenshot('history');
  });

  it('stop a benchmark without a result when it is cancelled', async () => {
    await user.runCommand('Pipescope: Run Benchmark…');
    await user.pick('Command…');
    await eventually('the last command as a suggestion', async () => {
      return (await user.input.first().inputValue()) === 'node orders.mjs';
    });
    await user.input.first().press('Enter');
    const progress = user.toast('Benchmark of node orders.mjs');
    await progress.filter({ hasText: /run 2 of/ }).waitFor({ timeout: timeoutMs });
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'detached', timeout: timeoutMs });
    await user.page.waitForTimeout(1000);
    assert.equal(await user.toast(/median of/).count(), 0);
  });
});
