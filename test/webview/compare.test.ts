import assert from 'node:assert/strict';
import { type PlantedOperation, plantedComparison, plantedHistory, plantedReports } from '../fixtures/compared.ts';
import { states } from '../fixtures/panel-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';

describe('the Compare and History tabs', function () {
  this.timeout(90_000);
  let browser: PanelBrowser;
  let panel: Panel;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    panel = await browser.openPanel();
  });
  afterEach(async () => {
    assert.deepEqual(panel.errors, []);
    assert.deepEqual(await panel.violations(), []);
    await panel.close();
  });

  const open = (tab: string) => panel.page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
  const rows = () => panel.page.locator('.compared tbody tr');

  it('explain what to do before the first benchmark', async () => {
    await panel.show(states.live(20));
    await open('Compare');
    await panel.page.getByText('No comparison yet. Run a benchmark against another commit').waitFor();
    await panel.page.getByRole('button', { name: 'Benchmark Against…' }).click();
    await open('History');
    await panel.page.getByText('No benchmark history yet. Run a benchmark').waitFor();
    await panel.page.getByRole('button', { name: 'Run Benchmark…' }).click();
    const commands = (await panel.posted('run')).map(({ command }) => command);
    assert.deepEqual(commands, ['pipescope.benchmarkAgainst', 'pipescope.benchmark']);
  });

  it('list process metrics first, then operations by the impact of their change on a run', async () => {
    await panel.showBenchmarks({ comparison: plantedComparison() }, states.finished(20));
    await open('Compare');
    const names = await rows().locator('th').allInnerTexts();
    const operations = names.filter((name) => name.includes('worker')).map((name) => name.replace(/\s+worker$/, ''));
    // 5000 × 24 µs, 200 × 0.76 ms, 200 × −0.16 ms, 7.2 ms; unchanged operations come last.
    assert.deepEqual(operations, ['parse_file', 'resolve_call', 'hash_file', '~sort', 'list_files']);
    assert.ok(
      names.slice(0, -operations.length).every((name) => /time|throughput|memory/.test(name)),
      names.join(),
    );
    const cells = await rows().filter({ hasText: 'parse_file' }).locator('td').allInnerTexts();
    assert.match(
      cells.join(' | '),
      /cold \| ▲ regressed \| 2\.0 ms \| 2\.[78] ms \| \+3[678](\.\d)? % \| \+1[45]\d ms/,
    );
  });

  it('draw an arrow for a change beyond the scale, without cutting off the table', async () => {
    const planted: readonly PlantedOperation[] = [
      { name: 'exploded', ratio: 60, valueNs: 1e6, count: 10, file: 'src/a.ts', line: 1 },
      { name: 'vanished', ratio: 1 / 60, valueNs: 60e6, count: 10, file: 'src/b.ts', line: 1 },
      { name: 'doubled', ratio: 2, valueNs: 1e6, count: 10, file: 'src/c.ts', line: 1 },
    ];
    await panel.showBenchmarks({ comparison: plantedComparison(plantedReports(planted)) }, states.finished(20));
    await open('Compare');
    const drawn = (name: string) =>
      rows()
        .filter({ hasText: name })
        .locator('.interval')
        .evaluate((svg) => {
          const estimate = svg.querySelector('.estimate');
          const [outer, inner] = [svg, estimate].map((element) => element?.getBoundingClientRect());
          return {
            tagName: estimate?.tagName,
            left: (inner?.left ?? 0) - (outer?.left ?? 0),
            right: (outer?.right ?? 0) - (inner?.right ?? 0),
          };
        });
    const [exploded, vanished, doubled] = [await drawn('exploded'), await drawn('vanished'), await drawn('doubled')];
    assert.ok(exploded.tagName === 'path' && Math.abs(exploded.right) < 1, JSON.stringify(exploded));
    assert.ok(vanished.tagName === 'path' && Math.abs(vanished.left) < 1, JSON.stringify(vanished));
    assert.ok(doubled.tagName === 'rect' && doubled.left > 0 && doubled.right > 0, JSON.stringify(doubled));
    const table = panel.page.locator('.compare .scroll');
    const [visibleWidth, contentWidth] = await table.evaluate(({ clientWidth, scrollWidth }) => [
      clientWidth,
      scrollWidth,
    ]);
    assert.ok(visibleWidth > 0 && contentWidth <= visibleWidth, `${visibleWidth} of ${contentWidth} pixels`);
  });

  it('draw all intervals on one scale, with slower results on the right and faster results on the left', async () => {
    await panel.showBenchmarks({ comparison: plantedComparison() }, states.finished(20));
    await open('Compare');
    const placed = (name: string) =>
      rows()
        .filter({ hasText: name })
        .locator('.interval')
        .evaluate((svg) => {
          const boxOf = (part: string) => svg.querySelector(`.${part}`)?.getBoundingClientRect();
          const [noChange, estimate, range, noise] = ['no-change', 'estimate', 'range', 'noise'].map(boxOf);
          return {
            noChange: noChange?.x ?? 0,
            estimate: estimate?.x ?? 0,
            left: range?.left ?? 0,
            right: range?.right ?? 0,
            noise: noise?.right ?? 0,
          };
        });
    const slower = await placed('resolve_call');
    const faster = await placed('hash_file');
    const same = await placed('list_files');
    assert.equal(slower.noChange, faster.noChange);
    assert.ok(slower.left > slower.noise && slower.left <= slower.estimate + 3 && slower.estimate <= slower.right);
    assert.ok(faster.right < faster.noChange && same.left < same.noise);
    // On the logarithmic scale, × 1.6 is nearly as far to the right as × 0.6 is to the left.
    const [up, down] = [slower.estimate - slower.noChange, faster.noChange - faster.estimate];
    assert.ok(Math.abs(up / down - Math.log(1.6) / -Math.log(0.6)) < 0.08, `${up} ${down}`);
  });

  it('show the samples of the selected row as a chart and as a table', async () => {
    const comparison = plantedComparison();
    await panel.showBenchmarks({ comparison }, states.finished(20));
    await open('Compare');
    await panel.page.getByRole('heading', { name: 'cold: wall time' }).waitFor();
    const first = await panel.pixels('density');
    await panel.page.getByRole('button', { name: /^Samples of cold: hash_file/ }).click();
    await panel.page.getByRole('heading', { name: 'cold: hash_file' }).waitFor();
    assert.notEqual(await panel.pixels('density'), first);
    const facts = await panel.page.locator('.samples dl').innerText();
    assert.match(facts, /improved/);
    assert.match(facts, /20 and 20/);
    await panel.page.getByRole('button', { name: 'Table of cold: hash_file' }).click();
    assert.equal(await panel.page.locator('#table-samples tbody tr').count(), 20);
    const row = comparison.rows.find(({ what }) => what === 'hash_file');
    assert.equal(row?.spread.after.samples.length, 20);
  });

  it('open the source location of an operation', async () => {
    await panel.showBenchmarks({ comparison: plantedComparison() }, states.finished(20));
    await open('Compare');
    await panel.page.getByRole('button', { name: 'resolve_call', exact: true }).click();
    assert.deepEqual(
      (await panel.posted('reveal')).map(({ file, line }) => [file, line]),
      [['src/resolve.ts', 12]],
    );
  });

  it('list every regression with its type and severity, and every warning', async () => {
    const comparison = plantedComparison();
    assert.ok(comparison.regressions.length >= 3);
    await panel.showBenchmarks(
      { comparison: { ...comparison, warnings: ['The baseline ran on Node 22.'] } },
      states.finished(20),
    );
    await open('Compare');
    const items = await panel.page.getByRole('list', { name: 'Regressions' }).getByRole('listitem').allInnerTexts();
    assert.equal(items.length, comparison.regressions.length);
    assert.match(items.join('\n'), /moderate latency increase · cold: wall time \+(28|29)/);
    await panel.page.getByText('The baseline ran on Node 22.').waitFor();
    await panel.page.getByText(/^cold: operations, failed calls from 20 further runs with the probe/).waitFor();
  });

  it('show a dash in place of an interval that too few runs cannot have', async () => {
    const comparison = plantedComparison();
    const rowsOfFewRuns = comparison.rows.map(({ lowRatio: _, highRatio: __, minimumDetectable: ___, ...row }) => row);
    await panel.showBenchmarks({ comparison: { ...comparison, rows: rowsOfFewRuns } }, states.finished(20));
    await open('Compare');
    const cells = await rows().filter({ hasText: 'parse_file' }).locator('td').allInnerTexts();
    assert.equal(cells.at(-1), '–');
    assert.equal(await rows().locator('svg.interval').count(), 0);
    await panel.showBenchmarks({ comparison }, states.finished(20));
    await rows().locator('svg.interval').first().waitFor();
  });

  it('draw only the first fifty of many operations, and the rest on request', async () => {
    const many = Array.from(
      { length: 200 },
      (_, index): PlantedOperation => ({ name: `f${index}`, ratio: 1, valueNs: 1e6 * (1 + index), count: 3 }),
    );
    await panel.showBenchmarks(
      { comparison: { ...plantedComparison(plantedReports(many)), omitted: 7 } },
      states.finished(20),
    );
    await open('Compare');
    assert.equal(await rows().count(), 50);
    await panel.page.getByRole('button', { name: /^Show \d+ more/ }).click();
    await rows().nth(100).waitFor();
    await panel.page.getByText('7 more operations. Export the comparison to see all.').waitFor();
  });

  it('are selected once per request of the extension, so that the user can leave them', async () => {
    const asked = { tab: 'compare', turn: '1' } as const;
    await panel.showBenchmarks({ comparison: plantedComparison(), asked }, states.finished(20));
    await panel.page.getByRole('tabpanel', { name: /Compare/ }).waitFor();
    await open('Operations');
    await panel.showBenchmarks({ comparison: plantedComparison(), asked }, states.finished(21));
    assert.equal(await panel.page.getByRole('tab', { name: /Operations/ }).getAttribute('aria-selected'), 'true');
    await panel.showBenchmarks(
      { comparison: plantedComparison(), asked: { ...asked, turn: '2' } },
      states.finished(22),
    );
    await panel.page.getByRole('tabpanel', { name: /Compare/ }).waitFor();
  });

  it('are available before the first run', async () => {
    await panel.showBenchmarks({ comparison: plantedComparison(), history: plantedHistory() }, states.empty());
    await panel.page.getByRole('tabpanel', { name: /Compare/ }).waitFor();
    assert.deepEqual(
      (await panel.page.getByRole('tab').allInnerTexts()).map((text) => text.replace(/\s*\d+$/, '')),
      ['Compare', 'History'],
    );
  });

  it('mark level changes in the history and describe them in a sentence', async () => {
    await panel.showBenchmarks({ history: plantedHistory() }, states.finished(20));
    await open('History');
    await panel.page.getByText(/The level changed once: \+2[3-7](\.\d)? % at 16c0ffee1\./).waitFor();
    await panel.page.getByText('The level did not change.').waitFor();
    await panel.page.getByRole('button', { name: 'Table of the history of cold' }).click();
    const lines = await panel.page.locator('#table-history-cold tbody tr').allInnerTexts();
    assert.equal(lines.length, 24);
    assert.deepEqual(
      lines.filter((line) => line.includes('new level')).map((line) => line.split('\t')[0]),
      ['2026-01-13 00:00'],
    );
    assert.equal(lines.filter((line) => line.includes('regressed')).length, 1);
  });

  it('report the gradual decline of a benchmark', async () => {
    await panel.showBenchmarks({ history: plantedHistory([1, 1.06, 1.12, 1.19, 1.26, 1.33]) }, states.finished(20));
    await open('History');
    await panel.page.getByText(/Gradual slowdown: \+3\d/).waitFor();
    const regressions = await panel.page.getByRole('list', { name: 'Regressions' }).innerText();
    assert.match(regressions, /trend decline · cold: wall time \+3/);
    assert.match(regressions, /throughput −/);
  });

  it('select a run by keyboard and request another history', async () => {
    await panel.showBenchmarks({ history: plantedHistory() }, states.finished(20));
    await open('History');
    const slider = panel.page.getByRole('slider', { name: 'Run of cold' });
    const before = await panel.pixels('history-cold');
    await slider.focus();
    await panel.page.keyboard.press('Home');
    assert.match(
      (await slider.getAttribute('aria-valuetext')) ?? '',
      /^0ac0ffee1 on main with changes · 2026-01-01 00:00 UTC/,
    );
    assert.notEqual(await panel.pixels('history-cold'), before);
    await panel.page.getByRole('combobox', { name: 'Benchmark' }).selectOption('node main.js on it');
    assert.deepEqual(
      (await panel.posted('history')).map(({ key }) => key),
      ['node main.js on it'],
    );
  });

  it('show markup in names as plain text', async () => {
    const name = '<img src=x onerror="window.broken=1">';
    await panel.showBenchmarks(
      { comparison: plantedComparison(plantedReports([{ name, ratio: 1.5, valueNs: 1e6, count: 3 }])) },
      states.finished(9),
    );
    await open('Compare');
    assert.equal(await panel.page.getByRole('rowheader', { name }).count(), 1);
    assert.equal(await panel.page.locator('img').count(), 0);
  });

  for (const width of [1500, 700]) {
    it(`fit into ${width} pixels without horizontal scrolling`, async () => {
      await panel.page.setViewportSize({ width, height: 900 });
      await panel.showBenchmarks({ comparison: plantedComparison(), history: plantedHistory() }, states.finished(20));
      for (const tab of ['Compare', 'History']) {
        await open(tab);
        await panel.screenshot(`${tab.toLowerCase()}-${width}`);
        const excess = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(excess <= 0, `${tab} is ${excess} pixels too wide`);
      }
    });
  }
});
