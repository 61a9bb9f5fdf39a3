/** Runs the main user flows (profile, export, CodeLens, benchmark) in VS Code on this repository. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isSnapshot, type Snapshot } from '../../../src/protocol/snapshot.ts';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, timeoutMs, WorkbenchUser } from './workbench-user.ts';

/** Time limit of a pipeline run on this repository, on a busy machine. */
const runTimeoutMs = 90_000;

const p95Pattern = /([\d.]+) (ns|µs|ms|s) p95/;
const unitNs: Readonly<Record<string, number>> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };

/**
 * Counts the different states of charts and tiles until the run ends. It runs in the page of the panel and compares charts
 * by their pixels.
 */
async function countChanges(body: Element, limitMs: number): Promise<{ charts: number; tiles: number }> {
  const charts = new Set<string>();
  const tiles = new Set<string>();
  const end = performance.now() + limitMs;
  while (performance.now() < end && !/succeeded after|failed after|error after/.test(body.textContent ?? '')) {
    const canvases = [...body.querySelectorAll('canvas')];
    if (canvases.length > 0) charts.add(canvases.map((canvas) => canvas.toDataURL()).join());
    const text = body.querySelector('.tiles')?.textContent;
    if (text) tiles.add(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { charts: charts.size, tiles: tiles.size };
}

describe('the main flows', function () {
  // Each test continues where the previous one ended.
  this.bail(true);
  const dir = temporaryDir('pipescope-flows-');
  let user: WorkbenchUser;
  let snapshot: Snapshot;

  before(async () => {
    user = await WorkbenchUser.open({ folder: root, settings: { 'pipescope.benchmark.runs': 3 } });
  });

  after(async () => {
    await user?.close();
    removeDir(dir);
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  it('open the panel, which offers to profile', async () => {
    await user.runCommand('Pipescope: Open Profiler Panel');
    await user.panel.getByRole('button', { name: 'Profile' }).first().waitFor({ timeout: timeoutMs });
    await user.screenshot('panel-empty');
  });

  it('update the charts while the pipeline runs', async () => {
    await user.panel.getByRole('button', { name: 'Profile' }).first().click();
    const changes = user.panel.locator('body').evaluate(countChanges, runTimeoutMs);
    await user.pick('Function-call detection');
    await user.panel.locator('canvas').first().waitFor({ timeout: runTimeoutMs });
    await user.screenshot('panel-running');
    const { charts, tiles } = await changes;
    assert.ok(charts >= 3, `the charts had ${charts} states`);
    assert.ok(tiles >= 3, `the tiles had ${tiles} states`);
  });

  it('show the result and a light for each component', async () => {
    await user.panel.getByText(/succeeded after/).waitFor({ timeout: timeoutMs });
    const components = await user.panel.locator('.components').innerText();
    for (const name of ['file_discovery', 'incremental_detection', 'tree_sitter_manager', 'concurrent_extractor']) {
      assert.match(components, new RegExp(`${name}[\\s\\S]*?\\b(ok|warning|error)\\b`), name);
    }
    await user.screenshot('panel-ended');
  });

  it('export a valid snapshot from the Command Palette', async () => {
    const read = await user.exportSnapshot(join(dir, 'run.pipescope.json'));
    await user.toast('Snapshot exported to run.pipescope.json').waitFor({ timeout: timeoutMs });
    assert.ok(isSnapshot(read));
    assert.equal(read.run.result, 'success');
    assert.equal(read.run.workspace, root);
    snapshot = read;
  });

  it('show the same number of calls in the panel as in the snapshot', async () => {
    const calls = snapshot.components.reduce((sum, { counters }) => sum + (counters['calls'] ?? 0), 0);
    assert.ok(calls > 1000, `${calls} calls`);
    const digits = (await user.panel.locator('.tiles').innerText()).replace(/(?<=\d)[\s,.\u2009\u202f](?=\d{3})/g, '');
    assert.ok(digits.includes(String(calls)), `${calls} is not in ${digits}`);
  });

  it('show the timing of the snapshot in the CodeLens of a function', async () => {
    const operation = snapshot.operations
      .filter(({ file, count }) => file?.startsWith('src/pipelines/detection/') && count > 0)
      .sort((a, b) => (b.p95Ns ?? 0) - (a.p95Ns ?? 0))[0];
    assert.ok(operation?.file, 'an operation has a source location in this repository');
    await user.openFile(operation.file);
    await user.page.keyboard.press('Control+g');
    await user.input.first().fill(`:${operation.line}`);
    await user.page.keyboard.press('Enter');
    const lensText = await eventually('a CodeLens with a p95', async () => {
      const all = await user.lenses.allInnerTexts();
      return all.find((text) => p95Pattern.test(text));
    });
    await user.screenshot('lens-function');
    const values = snapshot.operations
      .filter(({ file }) => file === operation.file)
      .map(({ p95Ns = Number.NaN }) => p95Ns);
    const [, number, unit] = p95Pattern.exec(lensText) ?? [];
    const shownNs = Number(number) * (unitNs[unit ?? ''] ?? Number.NaN);
    // The CodeLens rounds to two or three digits.
    assert.ok(
      values.some((p95Ns) => Math.abs(shownNs - p95Ns) <= 0.05 * p95Ns),
      `${lensText} matches one of ${values.join(', ')} ns`,
    );
  });

  it('show the parse time at the top of a slow file', async () => {
    const item = snapshot.items.find(({ file }) => file);
    assert.ok(item?.file);
    await user.openFile(item.file);
    await eventually('a CodeLens with the parse time', async () => {
      const all = await user.lenses.allInnerTexts();
      return all.find((text) => /parse [\d.]+ (µs|ms)/.test(text));
    });
    await user.screenshot('lens-file');
  });

  it('run the benchmark and open its report', async function () {
    this.timeout(4 * runTimeoutMs);
    await user.runCommand('Pipescope: Run Benchmark');
    await user.pick('Function-call detection');
    await user.toast('Benchmark of').waitFor({ timeout: timeoutMs });
    await user.screenshot('benchmark-running');
    const end = user.toast(/median/i);
    await end.waitFor({ timeout: 3 * runTimeoutMs });
    await user.screenshot('benchmark-ended');
    assert.match(await end.innerText(), /[\d.]+ m?s\b/);
    await end.getByRole('button', { name: 'Show Report' }).click();
    // Like the panel, the Markdown preview is a webview.
    const report = user.panel.locator('body', { hasText: /median/i });
    await report.waitFor({ timeout: timeoutMs });
    await user.screenshot('benchmark-report');
    assert.match(await report.innerText(), /MAD/);
  });

  it('go to the hottest function', async () => {
    await user.runCommand('Pipescope: Go to Hottest Function');
    const hottest = snapshot.operations.filter(({ file }) => file?.startsWith('src/'));
    assert.ok(hottest.length > 0);
    const names = hottest.map(({ file }) => file?.split('/').at(-1) ?? '');
    await eventually('an editor with one of the measured files', async () =>
      names.includes((await user.page.locator('.tab.active').first().getAttribute('data-resource-name')) ?? ''),
    );
  });
});
