import assert from 'node:assert/strict';
import { tabNames } from '../../webview/tab-names.ts';
import { withBlocks } from '../fixtures/block-states.ts';
import { plantedBenchmarks } from '../fixtures/compared.ts';
import { states } from '../fixtures/panel-states.ts';
import { withStacks } from '../fixtures/stack-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';
import { type ThemeName, themes } from './themes.ts';

describe('panel accessibility', function () {
  this.timeout(90_000);
  let browser: PanelBrowser;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`passes axe in every tab and state with the ${theme} theme`, async () => {
      const panel = await browser.openPanel({ theme });
      await panel.show(states.empty());
      await assertNoFindings(panel, 'empty');
      await panel.show(states.failed(40));
      await assertNoFindings(panel, 'failed');
      await panel.showBenchmarks(plantedBenchmarks(), states.live(70));
      await panel.page.getByRole('button', { name: 'Table of Latency' }).click();
      for (const tab of ['Operations', 'Files', 'Timeline', 'Processes', 'Compare', 'History']) {
        await panel.page.getByRole('tab', { name: new RegExp(tab) }).click();
        await panel.page.getByRole('tabpanel', { name: new RegExp(tab) }).waitFor();
        await assertNoFindings(panel, tab);
        if (theme === 'dark' || tab === 'Operations') await panel.screenshot(`${theme}-${tab.toLowerCase()}`);
      }
      await panel.close();
    });
  }

  it('is checked by an axe that reports a planted violation', async () => {
    const panel = await browser.openPanel();
    await panel.show(states.live(10));
    await panel.page.evaluate(() => document.body.append(document.createElement('button')));
    const { findings } = await panel.accessibilityFindings();
    assert.match(findings.join(), /button-name/);
    await panel.close();
  });

  it('allows everything to be done by keyboard', async () => {
    const panel = await browser.openPanel();
    const { page } = panel;
    const { keyboard } = page;
    await panel.show(states.live(40));

    await tabTo(panel, 'Stop');
    await keyboard.press('Enter');
    assert.equal((await panel.posted('run')).at(-1)?.command, 'pipescope.stop');

    await tabTo(panel, 'Table of Throughput');
    await keyboard.press('Space');
    await page.locator('#table-throughput').waitFor();
    await keyboard.press('Space');

    await tabTo(panel, 'Time in Throughput');
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowLeft');
    const slider = page.getByRole('slider', { name: 'Time in Throughput' });
    assert.match(
      (await slider.getAttribute('aria-valuetext')) ?? '',
      /^−2 s: calls\/s [\d,.]+ \/s, files\/s [\d.]+ \/s$/,
    );
    await keyboard.press('Escape');
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^now: /);

    await tabTo(panel, /^Operations/);
    for (const name of ['Files', 'Timeline', 'Processes', 'Compare', 'History', 'Operations']) {
      await keyboard.press('ArrowRight');
      assert.match(await focusedName(panel), new RegExp(`^${name}`));
      await page.getByRole('tabpanel', { name: new RegExp(name) }).waitFor();
    }

    await tabTo(panel, 'Filter operations');
    await keyboard.type('_file');
    const names = await page.locator('.operations tbody th').allInnerTexts();
    assert.deepEqual(names.toSorted(), ['extract_file', 'hash_file', 'list_files', 'parse_file']);

    await tabTo(panel, 'p99');
    await keyboard.press('Enter');
    assert.equal(await page.locator('th[aria-sort="descending"]').innerText(), 'p99▾');
    const first = await page.locator('.operations tbody tr').first().innerText();
    assert.match(first, /^list_files/);

    await tabTo(panel, 'list_files');
    await keyboard.press('ArrowDown');
    const second = await focusedName(panel);
    assert.notEqual(second, 'list_files');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    assert.deepEqual((await panel.posted('reveal')).at(-1), {
      type: 'reveal',
      file: 'src/pipelines/detection/files/discover-files.ts',
      line: 20,
    });
    await panel.close();
  });

  it('opens a function on a click anywhere in its row, but only if its source location is known', async () => {
    const panel = await browser.openPanel();
    await panel.show(states.live(40));
    const rows = panel.page.locator('.operations tbody tr');
    await rows.filter({ hasText: 'extract_file' }).locator('td').nth(4).click(forceClick);
    assert.deepEqual(await panel.posted('reveal'), [
      { type: 'reveal', file: 'src/pipelines/detection/extract/extract-file.ts', line: 64 },
    ]);
    await rows.filter({ hasText: 'load_grammar' }).locator('td').nth(4).click(forceClick);
    assert.equal((await panel.posted('reveal')).length, 1);
    await panel.page.getByRole('tab', { name: /Files/ }).click();
    await panel.page
      .getByRole('row', { name: /part3\.ts/ })
      .first()
      .click();
    assert.deepEqual((await panel.posted('reveal')).at(-1), { type: 'reveal', file: 'src/model/part3.ts', line: 1 });
    await panel.close();
  });

  it('steps through the calls of the timeline by keyboard and opens their files', async () => {
    const panel = await browser.openPanel();
    await panel.show(states.live(40));
    await panel.page.getByRole('tab', { name: /Timeline/ }).click();
    const before = await panel.pixels('timeline');
    const slider = panel.page.getByRole('slider', { name: 'Call in the timeline' });
    await slider.focus();
    await panel.page.keyboard.press('Home');
    await panel.page.keyboard.press('ArrowRight');
    const text = (await slider.getAttribute('aria-valuetext')) ?? '';
    assert.match(text, /^(extract_file|parse_file|hash_file) · \w+ · \d+(\.\d)? ms · at −/);
    assert.notEqual(await panel.pixels('timeline'), before);
    await panel.page.keyboard.press('Enter');
    assert.equal((await panel.posted('reveal')).length, 1);
    await panel.close();
  });

  it('announces the run and its lights at most every five seconds', async () => {
    const panel = await browser.openPanel({ hasFakeClock: true });
    const status = panel.page.getByRole('status');
    await panel.show(states.live(20));
    const first = await status.innerText();
    assert.match(first, /Function-call detection: running, health warning, tree_sitter_manager warning/);
    await panel.show(states.failed(21));
    assert.equal(await status.innerText(), first);
    await panel.page.clock.runFor(5_000);
    await panel.show(states.failed(22));
    assert.match(await status.innerText(), /error/);
    await panel.close();
  });

  it('fits every tab into narrow and wide pages', async () => {
    const panel = await browser.openPanel();
    await panel.show(withBlocks(withStacks(states.crowded(70))));
    assert.equal(tabNames.length, await panel.page.getByRole('tab').count());
    for (const width of [420, 700, 1000, 1400]) {
      await panel.page.setViewportSize({ width, height: 900 });
      for (const tab of tabNames.toReversed()) {
        await panel.page.locator(`#tab-${tab}`).click();
        const [contentWidth, pageWidth] = await panel.page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return [scrollWidth, clientWidth];
        });
        assert.equal(contentWidth, pageWidth, `${tab} at ${width} pixels`);
      }
      await panel.page.locator('#tab-operations').click();
      await panel.show(withBlocks(withStacks(states.crowded(71))));
      await panel.screenshot(`width-${width}`);
      const last = panel.page.getByRole('button', { name: 'errors', exact: true });
      await panel.page.locator('.operations thead').hover();
      // The table may still be laid out when the wheel turns, so turn it until the column is visible.
      let isVisible = false;
      for (let tries = 0; tries < 50 && !isVisible; tries++) {
        await panel.page.mouse.wheel(3000, 0);
        await panel.page.waitForTimeout(100);
        const box = await last.boundingBox();
        isVisible = box !== null && box.x >= 0 && box.x + box.width <= width;
      }
      assert.ok(isVisible, `the last column can be scrolled to at ${width} pixels`);
    }
    await panel.close();
  });
});

/** Clicks at the position even if another element covers the target. */
const forceClick = { force: true } as const;

async function assertNoFindings(panel: Panel, where: string): Promise<void> {
  const { findings, passed } = await panel.accessibilityFindings();
  assert.deepEqual(findings, [], where);
  assert.ok(passed > 10, `${passed} rules were checked`);
}

/** Returns the accessible name of the focused element. */
function focusedName(panel: Panel): Promise<string> {
  return panel.page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    return element?.getAttribute('aria-label') ?? element?.innerText ?? '';
  });
}

/** Presses Tab until the element with this name has the focus, and checks that the focus is visible. */
async function tabTo(panel: Panel, name: string | RegExp): Promise<void> {
  for (let step = 0; step < 120; step += 1) {
    await panel.page.keyboard.press('Tab');
    const current = await focusedName(panel);
    if (typeof name === 'string' ? current.trim() !== name : !name.test(current)) continue;
    const isOutlined = await panel.page.evaluate(() => {
      const candidates = [document.activeElement, document.activeElement?.closest('.canvas, tr')];
      return candidates.some((element) => element && getComputedStyle(element).outlineStyle !== 'none');
    });
    assert.ok(isOutlined, `the focus on ${current} is visible`);
    return;
  }
  assert.fail(`Tab never reached ${name}`);
}
