import assert from 'node:assert/strict';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import { type Chart, type ChartLine, charts, chartsOf } from '../../webview/charts/charts.ts';
import { states } from '../fixtures/panel-states.ts';
import { programState } from '../fixtures/program-states.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';
import { type Panel, PanelBrowser } from './browser.ts';
import { themes } from './themes.ts';

const variableOf: Readonly<Record<Exclude<ChartLine['color'], 'grey'>, keyof (typeof themes)['dark']['variables']>> = {
  blue: '--vscode-charts-blue',
  cyan: '--vscode-terminal-ansiCyan',
  purple: '--vscode-charts-purple',
  green: '--vscode-charts-green',
  yellow: '--vscode-charts-yellow',
  orange: '--vscode-charts-orange',
  red: '--vscode-charts-red',
};

describe('charts', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;
  let panel: Panel;

  before(async () => {
    browser = await PanelBrowser.open();
    panel = await browser.openPanel();
  });
  after(() => browser?.close());

  /** Returns the state of a run for which a chart is drawn. */
  const stateOf = ({ subject }: Chart, seconds: number): PanelState =>
    subject === 'code' ? programState(seconds) : states.live(seconds);

  it('cover code, throughput, latency, cache hits, CPU, errors, memory and I/O', () => {
    assert.deepEqual(
      charts.map(({ id }) => id),
      ['cpu', 'loop', 'throughput', 'latency', 'cache', 'processor', 'errors', 'memory', 'io'],
    );
  });

  for (const chart of charts) {
    describe(chart.id, () => {
      const full = stateOf(chart, 40).snapshot ?? snapshotAt(40);
      const lines = chart.lines(full);

      it('selects series that exist and have the unit of their axis', () => {
        assert.ok(lines.length > 0);
        for (const { series, axis } of lines) {
          assert.equal(full.series[series]?.unit, (axis === 'right' ? chart.right : chart.left)?.unit, series);
        }
      });

      it('gives each line its own color and dash pattern', () => {
        assert.equal(new Set(lines.map(({ color }) => color)).size, lines.length);
        // Areas follow each other in the order of the legend.
        if (!chart.isStacked) assert.equal(new Set(lines.map(({ dash }) => dash.join())).size, lines.length);
      });

      it('has no lines without series', () => {
        assert.deepEqual(chart.lines({ ...full, series: {} }), []);
      });

      it('omits series without values', () => {
        const emptySeries = Object.entries(full.series).map(([key, series]) => [
          key,
          { ...series, values: series.values.map(() => null) },
        ]);
        const selected = chart.lines({ ...full, series: Object.fromEntries(emptySeries) }).map(({ series }) => series);
        assert.deepEqual(
          selected.filter((series) => full.series[series]?.scope === undefined),
          [],
        );
      });

      it('draws an empty snapshot and then a full one in the colors of its lines', async () => {
        // A program that is starting has no code yet, so it has the charts of other runs.
        const starting = chart.subject === 'code' ? programState(1) : states.starting();
        await panel.show(starting);
        const empty = await panel.pixels(`chart-${chart.id}`);
        if (chart.subject !== 'code') assert.match(await label(panel, chart), /–|no data yet/);
        await panel.show(stateOf(chart, 40));
        assert.notEqual(await panel.pixels(`chart-${chart.id}`), empty);
        for (const { color, label: name } of lines) {
          if (color === 'grey') continue;
          const count = await countPixelsOfColor(panel, chart, themes.dark.variables[variableOf[color]]);
          assert.ok(count > 5, `${name} in ${color}: ${count} pixels`);
        }
      });

      it('has its current values in its accessible label', async () => {
        await panel.show(stateOf(chart, 40));
        const text = await label(panel, chart);
        for (const line of lines) assert.ok(text.includes(line.label), text);
        assert.doesNotMatch(text, /NaN|undefined|–/);
      });

      it('switches to a table of its data and back', async () => {
        await panel.show(stateOf(chart, 40));
        const toggle = panel.page.getByRole('button', { name: `Table of ${chart.title}`, exact: true });
        await toggle.click();
        const rows = panel.page.locator(`#table-${chart.id} tbody tr`);
        // The series of the program have four values per second.
        assert.equal(await rows.count(), chart.subject === 'code' ? 160 : 40);
        assert.equal(await rows.first().locator('td').count(), lines.length);
        assert.match((await rows.first().textContent()) ?? '', /^now/);
        assert.equal(await toggle.getAttribute('aria-pressed'), 'true');
        await toggle.click();
        assert.equal(await panel.page.locator(`canvas#chart-${chart.id}`).count(), 1);
      });
    });
  }

  it('leave a gap where data is missing, and share one time axis', async () => {
    await panel.show(states.live(40));
    const axes = await panel.page
      .locator('.chart canvas')
      .evaluateAll((all) => all.map(({ clientWidth }) => clientWidth));
    assert.equal(axes.length, chartsOf(snapshotAt(40)).length);
    await panel.page.getByRole('slider', { name: 'Time in Memory' }).focus();
    // Slots 20 and 21 of the 40 in the fixture are empty. They end 19 and 18 seconds before the newest.
    for (let step = 0; step < 19; step += 1) await panel.page.keyboard.press('ArrowLeft');
    const slider = panel.page.getByRole('slider', { name: 'Time in Memory' });
    assert.equal(await slider.getAttribute('aria-valuetext'), '−19 s: process tree –, heap –');
    assert.match((await panel.page.locator('.chart', { hasText: 'Latency' }).textContent()) ?? '', /−19 s/);
  });

  it('do not cut off the widest label of an axis at any position', async () => {
    const state = states.live(40);
    const { snapshot } = state;
    assert.ok(snapshot);
    const key = 'process.eventLoopDelay';
    const delay = snapshot.series[key];
    assert.ok(delay);
    // The axis ends at 1.5 s. Its labels `1.50 s` and `500 ms` are wider than those at the ends and in the middle.
    const values = delay.values.map((_value, index) => (index % 7 === 0 ? 1.4e9 : 3e7));
    const series = { ...snapshot.series, [key]: { ...delay, values } };
    await panel.show({ ...state, snapshot: { ...snapshot, series } });
    assert.deepEqual(await countPaintedPixels(panel, 'processor', 2), [0, 0], 'no label reaches the edge');
    assert.ok(
      (await countPaintedPixels(panel, 'processor', 30)).some((count) => count > 0),
      'labels are drawn near the edge',
    );
  });
});

function label(panel: Panel, chart: Chart): Promise<string> {
  return panel.page
    .locator(`#chart-${chart.id}`)
    .getAttribute('aria-label')
    .then((text) => text ?? '');
}

/** Counts the pixels of a canvas that are close to a color, because antialiasing changes the edges of thin lines. */
function countPixelsOfColor(panel: Panel, chart: Chart, hex: string): Promise<number> {
  const rgb = [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
  return panel.page.locator(`canvas#chart-${chart.id}`).evaluate((element, [red = 0, green = 0, blue = 0]) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    let count = 0;
    for (let offset = 0; offset < data.length; offset += 4) {
      const [r = 0, g = 0, b = 0, alpha = 0] = data.slice(offset, offset + 4);
      if (alpha > 100 && Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 24) count += 1;
    }
    return count;
  }, rgb);
}

/** Counts the painted pixels in each of the last columns of a canvas. */
function countPaintedPixels(panel: Panel, id: Chart['id'], columns: number): Promise<number[]> {
  return panel.page.locator(`canvas#chart-${id}`).evaluate((element, width) => {
    const canvas = element as HTMLCanvasElement;
    const image = canvas.getContext('2d')?.getImageData(canvas.width - width, 0, width, canvas.height);
    return Array.from({ length: width }, (_, column) => {
      let count = 0;
      const length = image?.data.length ?? 0;
      for (let alpha = 4 * column + 3; alpha < length; alpha += 4 * width) count += image?.data[alpha] ? 1 : 0;
      return count;
    });
  }, columns);
}
