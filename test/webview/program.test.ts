/** The page of a user's program: where its time goes, in bounded space. */
import assert from 'node:assert/strict';
import { programState } from '../fixtures/program-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';

interface Box {
  readonly top: number;
  readonly height: number;
}

function boxesOf(panel: Panel, selector: string): Promise<readonly Box[]> {
  return panel.page
    .locator(selector)
    .evaluateAll((all) =>
      all.map((element) => element.getBoundingClientRect()).map(({ top, height }) => ({ top, height })),
    );
}

describe('page of a program', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());

  it('shows tiles, where the time goes, charts and the flame graph without scrolling', async () => {
    const panel = await browser.openPanel({ width: 1300, height: 850 });
    await panel.show(programState(70));
    const charts = await panel.page.locator('.chart h2').allInnerTexts();
    assert.deepEqual(
      charts.map((title) => title.toLowerCase()),
      ['cpu time by component', 'event-loop delay', 'memory'],
    );
    assert.equal(await panel.page.locator('.tile.health').count(), 0, 'without calls, there is no health');
    const rows = await panel.page.locator('.code tbody tr:first-child').allInnerTexts();
    assert.deepEqual(
      rows.map((row) =>
        row
          .replace(/\s+/g, ' ')
          .trim()
          .replace(/~[\d.]+ m?s/, '~s'),
      ),
      [
        'src/catalog.js ~72.2 % ~s my code',
        'Node.js ~10.3 % ~s runtime',
        'fastify ~7.7 % ~s package',
        'src/server.js ~5.2 % ~s my code',
        'garbage collector ~3.2 % ~s runtime',
        '2 smaller packages ~1.4 % ~s package',
      ],
    );
    const [tabs] = await boxesOf(panel, '.below');
    assert.ok(tabs && tabs.top < 560, `the tabs start at ${tabs?.top} px`);
    const [flames] = await boxesOf(panel, '#flames');
    assert.ok(
      flames && flames.top + flames.height <= 850,
      `the flame graph ends at ${flames && flames.top + flames.height} px`,
    );
    await panel.close();
  });

  it('keeps the height of charts, and the tabs in sight, however long the lists are', async () => {
    const panel = await browser.openPanel({ width: 1300, height: 850 });
    await panel.show(programState(30));
    const before = await boxesOf(panel, '.chart');
    await panel.show(programState(30, { files: 200, measured: 200 }));
    assert.ok((await panel.page.locator('.components tbody').count()) >= 50, 'the list is long');
    const after = await boxesOf(panel, '.chart');
    for (const { height } of [...before, ...after]) assert.ok(height <= 220, `${height} px`);
    const [tabs] = await boxesOf(panel, '.below');
    assert.ok(tabs && tabs.top < 850, `the tabs start at ${tabs?.top} px`);
    await panel.close();
  });

  it('gives a group the same color in the list, the chart and the flame graph', async () => {
    const panel = await browser.openPanel({ width: 1300, height: 850 });
    await panel.show(programState(70));
    const swatches = await panel.page
      .locator('.code .swatch')
      .evaluateAll((all) => all.map((element) => getComputedStyle(element).color));
    assert.equal(new Set(swatches).size, swatches.length, swatches.join());
    for (const [index, color] of swatches.entries()) {
      for (const canvas of ['chart-cpu', 'flames']) {
        assert.ok((await countPixels(panel, canvas, color)) > 2, `row ${index} in ${canvas}: ${color}`);
      }
    }
    await panel.close();
  });

  it('lists a launcher among the processes, and offers no stacks of it', async () => {
    const panel = await browser.openPanel({ width: 1300, height: 850 });
    const { snapshot, ...state } = programState(20);
    assert.ok(snapshot);
    const processes = snapshot.processes.map((process) => ({ ...process, launcher: 'npm' }));
    await panel.show({ ...state, snapshot });
    assert.equal(await panel.page.getByRole('tab', { name: 'Flame graph' }).count(), 1);
    await panel.show({ ...state, snapshot: { ...snapshot, processes } });
    assert.equal(await panel.page.getByRole('tab', { name: 'Flame graph' }).count(), 0);
    await panel.page.getByRole('tab', { name: /Processes/ }).click();
    assert.match(await panel.page.getByRole('tabpanel').innerText(), /launcher \(npm\)/);
    await panel.close();
  });

  for (const width of [1300, 900, 480]) {
    it(`fits into ${width} pixels without scrolling sideways`, async () => {
      const panel = await browser.openPanel({ width, height: 850 });
      await panel.show(programState(70, { files: 30, measured: 12 }));
      const scrolled = await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(scrolled <= 0, `${scrolled} px wider than the page`);
      await panel.screenshot(`program-${width}`);
      await panel.close();
    });
  }

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`has no accessibility findings in the theme ${theme}`, async () => {
      const panel = await browser.openPanel({ theme, width: 1300, height: 850 });
      await panel.show(programState(70));
      const { findings, passed } = await panel.accessibilityFindings();
      assert.deepEqual(findings, []);
      assert.ok(passed > 10, `${passed} rules`);
      await panel.screenshot(`program-${theme}`);
      await panel.close();
    });
  }
});

/** Returns the number of pixels of a canvas that have a color. */
function countPixels(panel: Panel, id: string, color: string): Promise<number> {
  return panel.page.locator(`canvas#${id}`).evaluate((element, wanted) => {
    const canvas = element as HTMLCanvasElement;
    const probe = document.createElement('canvas').getContext('2d');
    const context = canvas.getContext('2d');
    if (!probe || !context) return 0;
    probe.fillStyle = wanted;
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let index = 0; index < data.length; index += 4) {
      const differs = (position: number, value: number | undefined) =>
        Math.abs((data[index + position] ?? 0) - (value ?? 0)) > 24;
      if (!differs(0, red) && !differs(1, green) && !differs(2, blue) && (data[index + 3] ?? 0) > 200) count++;
    }
    return count;
  }, color);
}
