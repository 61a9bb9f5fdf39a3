/** Profiles a program, reads its flame graph and call tree, and opens an exported profile in an editor of its own. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, timeoutMs, WorkbenchUser } from './workbench-user.ts';

const programSource = `function checksum(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return sum;
}
function readPage(number) {
  return checksum(('page ' + number).repeat(2000));
}
const until = performance.now() + 2500;
for (let number = 0; performance.now() < until; number++) readPage(number);
`;

describe('the call stacks of a program', function () {
  this.bail(true);
  const dir = temporaryDir('pipescope-stacks-');
  let user: WorkbenchUser;

  before(async () => {
    writeFileSync(join(dir, 'pages.cjs'), programSource);
    user = await WorkbenchUser.open({ folder: dir, extension: root });
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    await user?.close();
    removeDir(dir);
  });

  const status = () => user.panel.locator('.flames').getByRole('status').innerText();

  it('are what the panel leads with, live and after the end', async () => {
    await user.openFile('pages.cjs');
    await user.runCommand('Pipescope: Profile Active File');
    const graph = user.panel.getByRole('img', { name: /^Flame graph/ });
    await graph.waitFor({ timeout: timeoutMs });
    await user.panel
      .getByText(/succeeded|success/)
      .first()
      .waitFor({ timeout: timeoutMs });
    await graph.focus();
    await eventually('checksum by keyboard', async () => {
      await user.page.keyboard.press('ArrowDown');
      return /^checksum · pages\.cjs:1 · ~/.test(await status());
    });
    await user.screenshot('stacks-flames');
  });

  it('show the largest path in the call tree, and the callers of the selected function', async () => {
    await user.panel.getByRole('tab', { name: 'Call tree' }).click();
    await user.panel.getByRole('searchbox', { name: 'Find functions' }).fill('checksum');
    const row = user.panel.getByRole('treegrid').getByRole('row', { name: /checksum/ });
    await row.click();
    const details = user.panel.getByRole('complementary', { name: 'Function checksum' });
    await details.getByRole('button', { name: 'readPage' }).waitFor({ timeout: timeoutMs });
    await user.screenshot('stacks-calls');
  });

  it('can be exported as a profile and opened again with the same function', async () => {
    const file = join(dir, 'pages.cpuprofile');
    const profile = (await user.exportSnapshot(file)) as {
      readonly nodes: readonly { callFrame: { functionName: string } }[];
    };
    assert.ok(profile.nodes.some(({ callFrame }) => callFrame.functionName === 'checksum'));
    await user.runCommand('View: Close All Editors');
    await user.runCommand('Pipescope: Open Profile…');
    await user.enterFileName(file);
    await user.page.locator('.tab.active', { hasText: 'pages.cpuprofile' }).waitFor({ timeout: timeoutMs });
    await user.panel.getByRole('tab', { name: 'Call tree' }).click({ timeout: timeoutMs });
    await user.panel.getByRole('searchbox', { name: 'Find functions' }).fill('checksum');
    await user.panel.getByRole('row', { name: /checksum/ }).waitFor({ timeout: timeoutMs });
    await user.screenshot('stacks-opened');
  });

  it('have the same times in VS Code’s own viewer of CPU profiles', async () => {
    const profile = JSON.parse(readFileSync(join(dir, 'pages.cpuprofile'), 'utf8')) as CpuProfile;
    await user.runCommand('View: Close All Editors');
    await user.openFile('pages.cpuprofile');
    await user.runCommand('View: Reopen Editor With...');
    await user.pick('CPU Profile Table Visualizer');
    const [selfMs = 0, totalMs = 0] = await eventually('checksum in the table of VS Code', async () => {
      const text = await user.panel.locator('body').innerText();
      const [, ...times] = /([\d.,]+)\s*ms\s+([\d.,]+)\s*ms\s+checksum/.exec(text) ?? [];
      return times.length > 0 && times.map((time) => Number(time.replaceAll(',', '')));
    });
    await user.screenshot('stacks-in-vscode');
    const expectedMs = selfTimeMs(profile, 'checksum');
    assert.ok(expectedMs > 100);
    assert.ok(Math.abs(selfMs - expectedMs) < 0.02, `${selfMs} ms instead of ${expectedMs} ms`);
    assert.ok(totalMs >= selfMs);
  });
});

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Returns the time in which a function itself ran. A delta is the time before its sample, which belongs to the previous one. */
function selfTimeMs({ nodes, samples, timeDeltas }: CpuProfile, name: string): number {
  const ids = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === name).map(({ id }) => id));
  const durations = samples.map((id, index) => (ids.has(id) ? (timeDeltas[index + 1] ?? 0) : 0));
  return durations.reduce((sum, us) => sum + us, 0) / 1000;
}
