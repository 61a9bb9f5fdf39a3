import assert from 'node:assert/strict';
import { type Chart, charts, type Line } from '../../webview/charts/charts.ts';
import { snapshotAt, states } from '../fixtures/snapshot.ts';
import { type Panel, Stage } from './browser.ts';
import { themes } from './themes.ts';

const variableOf: Readonly<Record<Line['color'], keyof (typeof themes)['dark']['variables']>> = {
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
  let stage: Stage;
  let panel: Panel;

  before(async () => {
    stage = await Stage.open();
    panel = await stage.panel();
  });
  after(() => stage?.close());

  it('cover throughput, latency, cache hits, errors, processor, memory, input and output', () => {
    assert.deepEqual(
      charts.map(({ id }) => id),
      ['throughput', 'latency', 'cache', 'processor', 'errors', 'memory', 'io'],
    );
  });

  for (const chart of charts) {
    describe(chart.id, () => {
      const full = snapshotAt(40);
      const lines = chart.lines(full);

      it('picks series that are there, on an axis of their unit', () => {
        assert.ok(lines.length > 0);
        for (const { series, axis } of lines) {
          assert.equal(full.series[series]?.unit, (axis === 'right' ? chart.right : chart.left)?.unit, series);
        }
      });

      it('tells its lines apart by colour and by dash', () => {
        assert.equal(new Set(lines.map(({ color }) => color)).size, lines.length);
        assert.equal(new Set(lines.map(({ dash }) => dash.join())).size, lines.length);
      });

      it('picks nothing where nothing is known', () => {
        assert.deepEqual(chart.lines({ ...full, series: {} }), []);
      });

      it('leaves out what nothing was told of', () => {
        const silent = Object.entries(full.series).map(([key, series]) => [
          key,
          { ...series, values: series.values.map(() => null) },
        ]);
        const named = chart.lines({ ...full, series: Object.fromEntries(silent) }).map(({ series }) => series);
        assert.deepEqual(
          named.filter((series) => full.series[series]?.scope === undefined),
          [],
        );
      });

      it('draws an empty snapshot, then a full one in the colours of its lines', async () => {
        await panel.show(states.starting());
        const empty = await panel.pixels(`chart-${chart.id}`);
        assert.match(await label(panel, chart), /–|no data yet/);
        await panel.show(states.live(40));
        assert.notEqual(await panel.pixels(`chart-${chart.id}`), empty);
        for (const { color, label: name } of lines) {
          const found = await pixelsLike(panel, chart, themes.dark.variables[variableOf[color]]);
          assert.ok(found > 5, `${name} in ${color}: ${found} pixels`);
        }
      });

      it('says its current values in words', async () => {
        await panel.show(states.live(40));
        const text = await label(panel, chart);
        for (const line of lines) assert.ok(text.includes(line.label), text);
        assert.doesNotMatch(text, /NaN|undefined|–/);
      });

      it('shows the data behind it as a table, and the picture again', async () => {
        await panel.show(states.live(40));
        const toggle = panel.page.getByRole('button', { name: `Table of ${chart.title}`, exact: true });
        await toggle.click();
        const rows = panel.page.locator(`#table-${chart.id} tbody tr`);
        assert.equal(await rows.count(), 40);
        assert.equal(await rows.first().locator('td').count(), lines.length);
        assert.match((await rows.first().textContent()) ?? '', /^now/);
        assert.equal(await toggle.getAttribute('aria-pressed'), 'true');
        await toggle.click();
        assert.equal(await panel.page.locator(`canvas#chart-${chart.id}`).count(), 1);
      });
    });
  }

  it('leave a gap where nothing was known for long, and draw on the same time axis', async () => {
    await panel.show(states.live(40));
    const axes = await panel.page
      .locator('.chart canvas')
      .evaluateAll((all) => all.map(({ clientWidth }) => clientWidth));
    assert.equal(axes.length, charts.length);
    await panel.page.getByRole('slider', { name: 'Moment in Memory' }).focus();
    // Slots 20 and 21 of the fixture hold nothing: their ends are 19 and 18 seconds before the newest of forty.
    for (let step = 0; step < 19; step += 1) await panel.page.keyboard.press('ArrowLeft');
    const slider = panel.page.getByRole('slider', { name: 'Moment in Memory' });
    assert.equal(await slider.getAttribute('aria-valuetext'), '−19 s: process tree –, heap –');
    assert.match((await panel.page.locator('.chart', { hasText: 'Latency' }).textContent()) ?? '', /−19 s/);
  });

  it('write the widest label of an axis whole, wherever it stands', async () => {
    const state = states.live(40);
    const { snapshot } = state;
    assert.ok(snapshot);
    const key = 'process.eventLoopDelay';
    const delay = snapshot.series[key];
    assert.ok(delay);
    // Reaches 1.5 s: of its labels `1.50 s` and `500 ms` are wider than those at the ends and in the middle.
    const values = delay.values.map((_value, at) => (at % 7 === 0 ? 1.4e9 : 3e7));
    const series = { ...snapshot.series, [key]: { ...delay, values } };
    await panel.show({ ...state, snapshot: { ...snapshot, series } });
    assert.deepEqual(await painted(panel, 'processor', 2), [0, 0], 'a label runs into the edge');
    assert.ok(
      (await painted(panel, 'processor', 30)).some((count) => count > 0),
      'there are labels near the edge',
    );
  });
});

function label(panel: Panel, chart: Chart): Promise<string> {
  return panel.page
    .locator(`#chart-${chart.id}`)
    .getAttribute('aria-label')
    .then((text) => text ?? '');
}

/** How many pixels of a canvas are near a colour; thin lines are softened at their edges. */
function pixelsLike(panel: Panel, chart: Chart, hex: string): Promise<number> {
  const wanted = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return panel.page.locator(`canvas#chart-${chart.id}`).evaluate((element, [red = 0, green = 0, blue = 0]) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [r = 0, g = 0, b = 0, alpha = 0] = data.slice(at, at + 4);
      if (alpha > 100 && Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 24) found += 1;
    }
    return found;
  }, wanted);
}

/** How many pixels are painted in each of the last columns of a canvas. */
function painted(panel: Panel, id: Chart['id'], columns: number): Promise<number[]> {
  return panel.page.locator(`canvas#chart-${id}`).evaluate((element, width) => {
    const canvas = element as HTMLCanvasElement;
    const image = canvas.getContext('2d')?.getImageData(canvas.width - width, 0, width, canvas.height);
    return Array.from({ length: width }, (_, column) => {
      let count = 0;
      for (let at = 4 * column + 3; at < (image?.data.length ?? 0); at += 4 * width) count += image?.data[at] ? 1 : 0;
      return count;
    });
  }, columns);
}
