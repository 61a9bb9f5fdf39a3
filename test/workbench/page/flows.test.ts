/** The four flows for which Pipescope exists, done by a person on this very repository. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isSnapshot, type Snapshot } from '../../../src/protocol/snapshot.ts';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { eventually, Person, soonMs } from './person.ts';

/** Longest run of the pipeline on this repository, on a machine that is busy. */
const runMs = 90_000;

const p95 = /([\d.]+) (ns|µs|ms|s) p95/;
const unitNs: Readonly<Record<string, number>> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };

/**
 * Runs in the panel's page from before a run to its end: in how many ways charts and tiles were seen. Charts are compared
 * by their pixels: what is seen, not what was sent.
 */
async function watch(body: Element, limitMs: number): Promise<{ charts: number; tiles: number }> {
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

describe('a person', function () {
  // Each flow goes on from the one before.
  this.bail(true);
  const dir = temporaryDir('pipescope-flows-');
  let person: Person;
  let snapshot: Snapshot;

  before(async () => {
    person = await Person.opens({ folder: root, settings: { 'pipescope.benchmark.runs': 3 } });
  });

  after(async () => {
    await person?.leaves();
    removeDir(dir);
  });

  afterEach(async function () {
    await person?.tellsFailure(this.currentTest);
  });

  it('opens the panel, which says what to do', async () => {
    await person.runs('Pipescope: Open Profiler Panel');
    await person.panel.getByRole('button', { name: 'Profile' }).first().waitFor({ timeout: soonMs });
    await person.photographs('panel-empty');
  });

  it('presses Profile and sees the charts change while the pipeline runs', async () => {
    await person.panel.getByRole('button', { name: 'Profile' }).first().click();
    const watching = person.panel.locator('body').evaluate(watch, runMs);
    await person.picks('Function-call detection');
    await person.panel.locator('canvas').first().waitFor({ timeout: runMs });
    await person.photographs('panel-running');
    const { charts, tiles } = await watching;
    assert.ok(charts >= 3, `the charts were drawn in ${charts} ways`);
    assert.ok(tiles >= 3, `the tiles were read in ${tiles} ways`);
  });

  it('sees that it succeeded, and a light for each component', async () => {
    await person.panel.getByText(/succeeded after/).waitFor({ timeout: soonMs });
    const components = await person.panel.locator('.components').innerText();
    for (const name of ['file_discovery', 'incremental_detection', 'tree_sitter_manager', 'concurrent_extractor']) {
      assert.match(components, new RegExp(`${name}[\\s\\S]*?\\b(ok|warning|error)\\b`), name);
    }
    await person.photographs('panel-ended');
  });

  it('exports the snapshot from the palette and can read it', async () => {
    const read = await person.exports(join(dir, 'run.pipescope.json'));
    await person.toast('The snapshot is in run.pipescope.json').waitFor({ timeout: soonMs });
    assert.ok(isSnapshot(read));
    assert.equal(read.run.result, 'success');
    assert.equal(read.run.workspace, root);
    snapshot = read;
  });

  it('reads in the panel what the snapshot says', async () => {
    const calls = snapshot.components.reduce((sum, { counters }) => sum + (counters['calls'] ?? 0), 0);
    assert.ok(calls > 1000, `${calls} calls`);
    const digits = (await person.panel.locator('.tiles').innerText()).replace(
      /(?<=\d)[\s,.\u2009\u202f](?=\d{3})/g,
      '',
    );
    assert.ok(digits.includes(String(calls)), `${calls} is not in ${digits}`);
  });

  it('sees above a function the timing that the snapshot has', async () => {
    const operation = snapshot.operations
      .filter(({ file, count }) => file?.startsWith('src/pipelines/detection/') && count > 0)
      .sort((a, b) => (b.p95Ns ?? 0) - (a.p95Ns ?? 0))[0];
    assert.ok(operation?.file, 'no operation is placed in this repository');
    await person.visits(operation.file);
    await person.page.keyboard.press('Control+g');
    await person.input.first().fill(`:${operation.line}`);
    await person.page.keyboard.press('Enter');
    const shown = await eventually('a lens with a p95', async () => {
      const all = await person.lenses.allInnerTexts();
      return all.find((text) => p95.test(text));
    });
    await person.photographs('lens-function');
    const values = snapshot.operations
      .filter(({ file }) => file === operation.file)
      .map(({ p95Ns = Number.NaN }) => p95Ns);
    const [, number, unit] = p95.exec(shown) ?? [];
    const shownNs = Number(number) * (unitNs[unit ?? ''] ?? Number.NaN);
    // Rounded to two or three digits for reading.
    assert.ok(
      values.some((p95Ns) => Math.abs(shownNs - p95Ns) <= 0.05 * p95Ns),
      `${shown} is none of ${values.join(', ')} ns`,
    );
  });

  it('sees at the head of a slow file what it cost', async () => {
    const item = snapshot.items.find(({ file }) => file);
    assert.ok(item?.file);
    await person.visits(item.file);
    await eventually('a lens with the time to parse', async () => {
      const all = await person.lenses.allInnerTexts();
      return all.find((text) => /parse [\d.]+ (µs|ms)/.test(text));
    });
    await person.photographs('lens-file');
  });

  it('runs the benchmark and reads its report', async function () {
    this.timeout(4 * runMs);
    await person.runs('Pipescope: Run Benchmark');
    await person.picks('Function-call detection');
    await person.toast('Benchmark of').waitFor({ timeout: soonMs });
    await person.photographs('benchmark-running');
    const end = person.toast(/median/i);
    await end.waitFor({ timeout: 3 * runMs });
    await person.photographs('benchmark-ended');
    assert.match(await end.innerText(), /[\d.]+ m?s\b/);
    await end.getByRole('button', { name: 'Show Report' }).click();
    // The preview of a document is a page of its own, as the panel is.
    const report = person.panel.locator('body', { hasText: /median/i });
    await report.waitFor({ timeout: soonMs });
    await person.photographs('benchmark-report');
    assert.match(await report.innerText(), /MAD/);
  });

  it('goes to the hottest function', async () => {
    await person.runs('Pipescope: Go to Hottest Function');
    const hottest = snapshot.operations.filter(({ file }) => file?.startsWith('src/'));
    assert.ok(hottest.length > 0);
    const names = hottest.map(({ file }) => file?.split('/').at(-1) ?? '');
    await eventually('an editor on one of the measured files', async () =>
      names.includes((await person.page.locator('.tab.active').first().getAttribute('data-resource-name')) ?? ''),
    );
  });
});
