/** Did my change make it slower? A person asks, on a program with a planted change, and reads the answer where it stands. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, Person, soonMs } from './person.ts';

/** Both sides of a comparison on a machine that is busy. */
const bothMs = 120_000;

/** Each step waits about so many milliseconds: how busy this machine is decides little. */
const program = (steps: Readonly<Record<string, number>>): string => `
const { span } = await import(${JSON.stringify(join(root, 'dist/probe.js'))});
const about = (ms) => new Promise((done) => setTimeout(done, ms * (0.95 + 0.1 * Math.random())));
${Object.entries(steps)
  .map(([name, ms]) => `export async function ${name}() {\n  await about(${ms});\n}\n`)
  .join('\n')}
const steps = { ${Object.keys(steps).join(', ')} };
const lines = ${JSON.stringify(Object.fromEntries(Object.keys(steps).map((name, at) => [name, 4 + at * 4])))};
for (let order = 0; order < 3; order++) {
  for (const [name, step] of Object.entries(steps)) {
    await span(name, step, { component: 'orders', file: 'orders.mjs', line: lines[name] });
  }
}
`;

describe('a person who has changed something', function () {
  // Each flow goes on from the one before.
  this.bail(true);
  const dir = temporaryDir('pipescope-benchmark-');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: dir, encoding: 'utf8' });
  const plant = (steps: Readonly<Record<string, number>>) => writeFileSync(join(dir, 'orders.mjs'), program(steps));
  let person: Person;

  before(async () => {
    git('init', '-q', '-b', 'main');
    plant({ readOrders: 20, parse: 30, price: 25, store: 15 });
    git('add', '-A');
    git('commit', '-qm', 'take orders');
    plant({ readOrders: 20, parse: 120, price: 14, store: 15 });
    person = await Person.opens({ folder: dir, settings: { 'pipescope.benchmark.runs': 15 } });
  });

  afterEach(async function () {
    await person?.tellsFailure(this.currentTest);
  });

  after(async () => {
    await person?.leaves();
    removeDir(dir);
  });

  it('measures it in turns with the commit, and sees how far that is', async () => {
    await person.runs('Pipescope: Benchmark Against…');
    await person.picks('Command…');
    await person.input.first().fill('node orders.mjs', { timeout: soonMs });
    await person.page.keyboard.press('Enter');
    await person.rows.filter({ hasText: 'take orders' }).first().waitFor({ timeout: soonMs });
    await person.photographs('benchmark-against');
    await person.picks(/main.*take orders/);
    const progress = person.toast('Benchmark of node orders.mjs');
    await progress.filter({ hasText: /run \d+ of at most 32/ }).waitFor({ timeout: soonMs });
    await person.photographs('benchmark-running');
  });

  it('reads the verdict in a message and in the panel', async () => {
    const told = person.toast(/Against "main"/);
    await told.waitFor({ timeout: bothMs });
    assert.match(await told.innerText(), /run regressed \(\+\d+/);
    const table = person.panel.getByRole('table', { name: 'Comparison' });
    await table.waitFor({ timeout: soonMs });
    const words = async (name: string) => table.locator('tr', { hasText: name }).first().innerText();
    assert.match(await words('parse'), /regressed/);
    assert.match(await words('price'), /improved/);
    assert.doesNotMatch(await words('readOrders'), /regressed|improved/);
    await told.getByRole('button', { name: /Clear Notification/ }).click();
    await person.photographs('compare');
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('goes from the row to the function, which says it too', async () => {
    await person.panel.getByRole('button', { name: 'parse', exact: true }).click();
    await person.page.locator('.tab.active', { hasText: 'orders.mjs' }).waitFor({ timeout: soonMs });
    const shown = await eventually('a lens that says slower', async () => {
      const all = await person.lenses.allInnerTexts();
      return all.some((text) => text.includes('▲')) && all.some((text) => text.includes('▼')) && all;
    });
    assert.match(shown.join('\n'), /▲ \+[\d.]+ %[\s\S]*▼ −[\d.]+ %/);
    await person.photographs('compare-lens');
  });

  it('finds the run in the history', async () => {
    await person.runs('Pipescope: Show Benchmark History');
    await person.panel.getByRole('tabpanel', { name: /History/ }).waitFor({ timeout: soonMs });
    await person.panel.getByText('A new level can be told from 10 runs on; there is 1.').waitFor({ timeout: soonMs });
    await person.photographs('history');
  });

  it('cancels a benchmark, and it is over', async () => {
    await person.runs('Pipescope: Run Benchmark…');
    await person.picks('Command…');
    await eventually('the last command proposed', async () => {
      return (await person.input.first().inputValue()) === 'node orders.mjs';
    });
    await person.input.first().press('Enter');
    const progress = person.toast('Benchmark of node orders.mjs');
    await progress.filter({ hasText: /run 2 of/ }).waitFor({ timeout: soonMs });
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'detached', timeout: soonMs });
    await person.page.waitForTimeout(1000);
    assert.equal(await person.toast(/median of/).count(), 0);
  });
});
