import assert from 'node:assert/strict';
import { comparedOf, comparisonOf, historyOf, type Planted } from '../fixtures/compared.ts';
import { states } from '../fixtures/snapshot.ts';
import { type Panel, Stage } from './browser.ts';

describe('compare and history', function () {
  this.timeout(90_000);
  let stage: Stage;
  let panel: Panel;

  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());
  beforeEach(async () => {
    panel = await stage.panel();
  });
  afterEach(async () => {
    assert.deepEqual(panel.errors, []);
    assert.deepEqual(await panel.violations(), []);
    await panel.close();
  });

  const open = (tab: string) => panel.page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
  const rows = () => panel.page.locator('.compared tbody tr');

  it('say what to do where nothing was compared and nothing was run', async () => {
    await panel.show(states.live(20));
    await open('Compare');
    await panel.page.getByText('Nothing was compared yet').waitFor();
    await panel.page.getByRole('button', { name: 'Benchmark Against…' }).click();
    await open('History');
    await panel.page.getByText('No benchmark was run here yet').waitFor();
    await panel.page.getByRole('button', { name: 'Run Benchmark…' }).click();
    const asked = (await panel.posted('run')).map(({ command }) => command);
    assert.deepEqual(asked, ['pipescope.benchmarkAgainst', 'pipescope.benchmark']);
  });

  it('list whole processes first, then operations by what their change comes to in a run', async () => {
    await panel.bench({ comparison: comparisonOf() }, states.finished(20));
    await open('Compare');
    const names = await rows().locator('th').allInnerTexts();
    const operations = names.filter((name) => name.includes('worker')).map((name) => name.replace(/\s+worker$/, ''));
    // 5000 × 24 µs, 200 × 0.76 ms, 200 × −0.16 ms, 7.2 ms; what did not change stands last.
    assert.deepEqual(operations, ['parse_file', 'resolve_call', 'hash_file', '~sort', 'list_files']);
    assert.ok(
      names.slice(0, -operations.length).every((name) => /time|throughput|memory/.test(name)),
      names.join(),
    );
    const cells = await rows().filter({ hasText: 'parse_file' }).locator('td').allInnerTexts();
    assert.match(cells.join(' | '), /cold \| ▲ regressed \| 2\.0 ms \| 2\.[78] ms \| \+3[678](\.\d)? % \| \+15\d ms/);
  });

  it('point to what lies beyond the scale, and hide no part of the table', async () => {
    const planted: readonly Planted[] = [
      { name: 'exploded', ratio: 60, valueNs: 1e6, count: 10, file: 'src/a.ts', line: 1 },
      { name: 'vanished', ratio: 1 / 60, valueNs: 60e6, count: 10, file: 'src/b.ts', line: 1 },
      { name: 'doubled', ratio: 2, valueNs: 1e6, count: 10, file: 'src/c.ts', line: 1 },
    ];
    await panel.bench({ comparison: comparisonOf(comparedOf(planted)) }, states.finished(20));
    await open('Compare');
    const drawn = (name: string) =>
      rows()
        .filter({ hasText: name })
        .locator('.interval')
        .evaluate((svg) => {
          const [whole, middle] = [svg, svg.querySelector('.middle')].map((part) => part?.getBoundingClientRect());
          const kind = svg.querySelector('.middle')?.tagName;
          return {
            kind,
            left: (middle?.left ?? 0) - (whole?.left ?? 0),
            right: (whole?.right ?? 0) - (middle?.right ?? 0),
          };
        });
    const [far, near, usual] = [await drawn('exploded'), await drawn('vanished'), await drawn('doubled')];
    assert.ok(far.kind === 'path' && Math.abs(far.right) < 1, JSON.stringify(far));
    assert.ok(near.kind === 'path' && Math.abs(near.left) < 1, JSON.stringify(near));
    assert.ok(usual.kind === 'rect' && usual.left > 0 && usual.right > 0, JSON.stringify(usual));
    const table = panel.page.locator('.compare .scroll');
    const [seen, needed] = await table.evaluate(({ clientWidth, scrollWidth }) => [clientWidth, scrollWidth]);
    assert.ok(seen > 0 && needed <= seen, `${seen} of ${needed} pixels`);
  });

  it('draw each interval on one scale, right of the one where it is slower and left where it is faster', async () => {
    await panel.bench({ comparison: comparisonOf() }, states.finished(20));
    await open('Compare');
    const placed = (name: string) =>
      rows()
        .filter({ hasText: name })
        .locator('.interval')
        .evaluate((svg) => {
          const of = (part: string) => svg.querySelector(`.${part}`)?.getBoundingClientRect();
          const [one, middle, reach, noise] = ['one', 'middle', 'reach', 'noise'].map(of);
          return {
            one: one?.x ?? 0,
            middle: middle?.x ?? 0,
            left: reach?.left ?? 0,
            right: reach?.right ?? 0,
            noise: noise?.right ?? 0,
          };
        });
    const slower = await placed('resolve_call');
    const faster = await placed('hash_file');
    const same = await placed('list_files');
    assert.equal(slower.one, faster.one);
    assert.ok(slower.left > slower.noise && slower.left <= slower.middle + 3 && slower.middle <= slower.right);
    assert.ok(faster.right < faster.one && same.left < same.noise);
    // A scale of logarithms: × 1.6 lies nearly as far to the right as × 0.6 to the left.
    const [up, down] = [slower.middle - slower.one, faster.one - faster.middle];
    assert.ok(Math.abs(up / down - Math.log(1.6) / -Math.log(0.6)) < 0.08, `${up} ${down}`);
  });

  it('show the samples of the row that is chosen, as a picture and as a table', async () => {
    const comparison = comparisonOf();
    await panel.bench({ comparison }, states.finished(20));
    await open('Compare');
    await panel.page.getByRole('heading', { name: 'cold: wall time' }).waitFor();
    const first = await panel.pixels('spread');
    await panel.page.getByRole('button', { name: /^Samples of cold: hash_file/ }).click();
    await panel.page.getByRole('heading', { name: 'cold: hash_file' }).waitFor();
    assert.notEqual(await panel.pixels('spread'), first);
    const facts = await panel.page.locator('.samples dl').innerText();
    assert.match(facts, /improved/);
    assert.match(facts, /20 and 20/);
    await panel.page.getByRole('button', { name: 'Table of cold: hash_file' }).click();
    assert.equal(await panel.page.locator('#table-samples tbody tr').count(), 20);
    const row = comparison.rows.find(({ what }) => what === 'hash_file');
    assert.equal(row?.spread.after.samples.length, 20);
  });

  it('go to the place of an operation', async () => {
    await panel.bench({ comparison: comparisonOf() }, states.finished(20));
    await open('Compare');
    await panel.page.getByRole('button', { name: 'resolve_call', exact: true }).click();
    assert.deepEqual(
      (await panel.posted('reveal')).map(({ file, line }) => [file, line]),
      [['src/resolve.ts', 12]],
    );
  });

  it('tell every regression by type and severity, and every warning', async () => {
    const comparison = comparisonOf();
    assert.ok(comparison.regressions.length >= 3);
    await panel.bench(
      { comparison: { ...comparison, warnings: ['The baseline ran on Node 22.'] } },
      states.finished(20),
    );
    await open('Compare');
    const told = await panel.page.getByRole('list', { name: 'Regressions' }).getByRole('listitem').allInnerTexts();
    assert.equal(told.length, comparison.regressions.length);
    assert.match(told.join('\n'), /moderate latency increase · cold: wall time \+(29|30)/);
    await panel.page.getByText('The baseline ran on Node 22.').waitFor();
  });

  it('draw a hundred operations as the first fifty, and the rest when asked', async () => {
    const many = Array.from(
      { length: 200 },
      (_, at): Planted => ({ name: `f${at}`, ratio: 1, valueNs: 1e6 * (1 + at), count: 3 }),
    );
    await panel.bench({ comparison: { ...comparisonOf(comparedOf(many)), omitted: 7 } }, states.finished(20));
    await open('Compare');
    assert.equal(await rows().count(), 50);
    await panel.page.getByRole('button', { name: /^Show \d+ more/ }).click();
    await rows().nth(100).waitFor();
    await panel.page.getByText('7 more operations are in the export.').waitFor();
  });

  it('come to the front once when they are asked for, and stay where the person goes', async () => {
    const asked = { tab: 'compare', turn: '1' } as const;
    await panel.bench({ comparison: comparisonOf(), asked }, states.finished(20));
    await panel.page.getByRole('tabpanel', { name: /Compare/ }).waitFor();
    await open('Operations');
    await panel.bench({ comparison: comparisonOf(), asked }, states.finished(21));
    assert.equal(await panel.page.getByRole('tab', { name: /Operations/ }).getAttribute('aria-selected'), 'true');
    await panel.bench({ comparison: comparisonOf(), asked: { ...asked, turn: '2' } }, states.finished(22));
    await panel.page.getByRole('tabpanel', { name: /Compare/ }).waitFor();
  });

  it('are there before anything was profiled', async () => {
    await panel.bench({ comparison: comparisonOf(), history: historyOf() }, states.empty());
    await panel.page.getByRole('tabpanel', { name: /Compare/ }).waitFor();
    assert.deepEqual(
      (await panel.page.getByRole('tab').allInnerTexts()).map((text) => text.replace(/\s*\d+$/, '')),
      ['Compare', 'History'],
    );
  });

  it('mark in the history where the level changed, and say it in a sentence', async () => {
    await panel.bench({ history: historyOf() }, states.finished(20));
    await open('History');
    await panel.page.getByText(/The level changed once: \+2[3-7](\.\d)? % at 16c0ffee1\./).waitFor();
    await panel.page.getByText('The level did not change.').waitFor();
    await panel.page.getByRole('button', { name: 'Table of the history of cold' }).click();
    const lines = await panel.page.locator('#table-past-cold tbody tr').allInnerTexts();
    assert.equal(lines.length, 24);
    assert.deepEqual(
      lines.filter((line) => line.includes('new level')).map((line) => line.split('\t')[0]),
      ['2026-01-13 00:00'],
    );
    assert.equal(lines.filter((line) => line.includes('regressed')).length, 1);
  });

  it('say that a benchmark declines', async () => {
    await panel.bench({ history: historyOf([1, 1.06, 1.12, 1.19, 1.26, 1.33]) }, states.finished(20));
    await open('History');
    await panel.page.getByText(/It becomes slower step by step: \+3\d/).waitFor();
    const told = await panel.page.getByRole('list', { name: 'Regressions' }).innerText();
    assert.match(told, /trend decline · cold: wall time \+3/);
    assert.match(told, /throughput −/);
  });

  it('point at a run by keys, and ask for another history', async () => {
    await panel.bench({ history: historyOf() }, states.finished(20));
    await open('History');
    const slider = panel.page.getByRole('slider', { name: 'Run of cold' });
    const before = await panel.pixels('past-cold');
    await slider.focus();
    await panel.page.keyboard.press('Home');
    assert.match(
      (await slider.getAttribute('aria-valuetext')) ?? '',
      /^0ac0ffee1 on main with changes · 2026-01-01 00:00 UTC/,
    );
    assert.notEqual(await panel.pixels('past-cold'), before);
    await panel.page.getByRole('combobox', { name: 'Benchmark' }).selectOption('node main.js on it');
    assert.deepEqual(
      (await panel.posted('history')).map(({ key }) => key),
      ['node main.js on it'],
    );
  });

  it('show text that looks like markup as text', async () => {
    const name = '<img src=x onerror="window.broken=1">';
    await panel.bench(
      { comparison: comparisonOf(comparedOf([{ name, ratio: 1.5, valueNs: 1e6, count: 3 }])) },
      states.finished(9),
    );
    await open('Compare');
    assert.equal(await panel.page.getByRole('rowheader', { name }).count(), 1);
    assert.equal(await panel.page.locator('img').count(), 0);
  });

  for (const width of [1500, 700]) {
    it(`have their picture at ${width} pixels, without a bar to scroll the page sideways`, async () => {
      await panel.page.setViewportSize({ width, height: 900 });
      await panel.bench({ comparison: comparisonOf(), history: historyOf() }, states.finished(20));
      for (const tab of ['Compare', 'History']) {
        await open(tab);
        await panel.picture(`${tab.toLowerCase()}-${width}`);
        const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(over <= 0, `${tab} is ${over} pixels too wide`);
      }
    });
  }
});
