/** A window that is reloaded while a program runs in it: the run is picked up, and at its end every total is exact. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSnapshot } from '../../../src/protocol/snapshot.ts';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, Person, soonMs } from './person.ts';

/** Works in rounds until it is told to end; then it says how often it called, and fails in a way of its own. */
const program = `const { existsSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
function work(calls) {
  return calls + 1;
}
// The second process has ended before the window is reloaded.
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

describe('a window that is reloaded while a program runs', function () {
  this.bail(true);
  const dir = temporaryDir('pipescope-reload-');
  const inDir = (name: string) => join(dir, name);
  let person: Person;

  before(async () => {
    writeFileSync(inDir('main.cjs'), program);
    person = await Person.opens({ folder: dir, extension: root });
  });

  afterEach(async function () {
    await person?.tellsFailure(this.currentTest);
  });

  after(async () => {
    writeFileSync(inDir('end'), '');
    await person?.leaves();
    removeDir(dir);
  });

  const lasted = () => person.panel.locator('body').innerText();

  it('shows the program running', async () => {
    await person.visits('main.cjs');
    await person.page.locator('.view-line', { hasText: 'function work' }).click();
    await person.runs('Pipescope: Time This Function Exactly');
    await person.page.getByText('Every call of work is timed').waitFor({ timeout: soonMs });
    await person.runs('Pipescope: Profile Active File');
    await eventually(
      'a run in the panel',
      async () => /running 0?0:0[2-9]/.test(await lasted()) && existsSync(inDir('pid')),
    );
    await person.photographs('reload-before');
  });

  it('shows it running again, the same process, when it is back', async () => {
    await person.reloads();
    await eventually('the run in the panel', async () => /running \d/.test(await lasted().catch(() => '')));
    process.kill(Number(readFileSync(inDir('pid'), 'utf8')), 0);
    await person.photographs('reload-after');
  });

  it('tells its totals and its end as they are', async () => {
    writeFileSync(inDir('end'), '');
    await person.panel.getByText(/failed after/).waitFor({ timeout: soonMs });
    await person.photographs('reload-ended');
    const read = await person.exports(inDir('run.pipescope.json'));
    assert.ok(isSnapshot(read));
    assert.deepEqual([read.run.result, read.run.exitCode, read.dropped.batches], ['failure', 7, 0]);
    const work = read.operations.find(({ name }) => name === 'work');
    assert.equal(work?.count, 300 + Number(readFileSync(inDir('calls'), 'utf8')));
    assert.ok(read.run.durationNs / 1e6 > 2000);
  });

  it('profiles terminals again that were profiled before, and stops when it is told to', async () => {
    const on = person.page.getByText('Terminals profiled');
    await person.runs('Pipescope: Profile Integrated Terminals');
    await on.waitFor({ timeout: soonMs });
    await person.reloads();
    await on.waitFor({ timeout: soonMs });
    await eventually('the run in the panel', async () => /Integrated terminals[\s\S]*running \d/.test(await lasted()));
    await person.photographs('reload-terminals');
    await person.runs('Pipescope: Profile Integrated Terminals');
    await on.waitFor({ state: 'hidden', timeout: soonMs });
    await person.panel.getByText(/succeeded after/).waitFor({ timeout: soonMs });
  });
});
