/** Blocks of the event loop and trees of spans in a real browser: tile, tab, marks in the charts, and the way to their stacks. */
import assert from 'node:assert/strict';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import { allThreads } from '../../src/protocol/panel/stack-view.ts';
import type { Stacks } from '../../src/protocol/stacks.ts';
import { withBlocks } from '../fixtures/block-states.ts';
import { programState } from '../fixtures/program-states.ts';
import { plantedStacks, sampledState } from '../fixtures/stack-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';

function blockedState(): PanelState {
  return withBlocks(programState(40));
}

describe('blocks of the event loop', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());

  async function open(state: PanelState = blockedState()): Promise<Panel> {
    const panel = await browser.openPanel({ width: 1300 });
    await panel.show(state);
    return panel;
  }

  async function selection(panel: Panel) {
    return (await panel.posted('stacks')).at(-1)?.selection;
  }

  it('are a tile that leads to their list', async () => {
    const panel = await open();
    const tile = panel.page.locator('.tile', { hasText: 'Event loop blocked' });
    assert.match(await tile.innerText(), /4 ×\s*longest ~340 ms in rank/);
    await tile.getByRole('button').click();
    assert.equal(
      await panel.page.getByRole('tab', { name: /Event-loop blocks/ }).getAttribute('aria-selected'),
      'true',
    );
    const tables = await panel.page.locator('#tab-panel').innerText();
    assert.match(tables, /Blocked 4 times for ~620 ms, at most ~340 ms/);
    assert.match(tables, /rank\s+src\s+3\s+~340 ms\s+~560 ms/);
    await panel.close();
  });

  it('lead to their source and to their stack', async () => {
    const panel = await open();
    await panel.page.getByRole('tab', { name: /Event-loop blocks/ }).click();
    await panel.page.getByRole('button', { name: 'rank', exact: true }).click();
    assert.deepEqual((await panel.posted('reveal')).at(-1), { type: 'reveal', file: 'src/catalog.js', line: 10 });
    await panel.page.getByRole('button', { name: 'Show the stack of rank', exact: true }).click();
    assert.deepEqual(await selection(panel), { thread: allThreads, function: 2 });
    await panel.page.getByRole('tab', { name: /Event-loop blocks/ }).click();
    await panel.page
      .getByRole('button', { name: /Show the stack of rank at/ })
      .first()
      .click();
    assert.deepEqual(await selection(panel), { thread: '4711.0', function: 2 });
    assert.equal(await panel.page.getByRole('tab', { name: 'Flame graph' }).getAttribute('aria-selected'), 'true');
    await panel.close();
  });

  it('are marked in the chart of the event-loop delay, by pointer and by keyboard', async () => {
    const panel = await open();
    const slider = panel.page.getByRole('slider', { name: 'Time in Event-loop delay' });
    const box = await slider.boundingBox();
    assert.ok(box);
    let isFound = false;
    for (let x = 0; x < box.width && !isFound; x += 6) {
      await slider.click({ position: { x, y: box.height / 2 }, force: true });
      isFound = (await selection(panel))?.function === 2;
    }
    assert.ok(isFound, 'no mark reacts to a click');
    await panel.page.getByRole('tab', { name: 'Operations' }).click();
    await slider.focus();
    let text = '';
    for (let step = 0; step < 200 && !text.includes('blocked for'); step++) {
      await slider.press('ArrowLeft');
      text = (await slider.getAttribute('aria-valuetext')) ?? '';
    }
    assert.match(text, /blocked for ~340 ms by rank, press Enter to show its stack/);
    await slider.press('Enter');
    assert.deepEqual(await selection(panel), { thread: '4711.0', function: 2 });
    await panel.close();
  });

  it('take no room in a run without any', async () => {
    const panel = await open(programState(40));
    assert.equal(await panel.page.getByText('Event loop blocked').count(), 0);
    assert.equal(await panel.page.getByRole('tab', { name: /Event-loop blocks/ }).count(), 0);
    await panel.close();
  });

  it('are accessible', async () => {
    const panel = await open();
    await panel.page.getByRole('tab', { name: /Event-loop blocks/ }).click();
    const { findings, passed } = await panel.accessibilityFindings();
    assert.deepEqual(findings, []);
    assert.ok(passed > 10);
    await panel.screenshot('blocks');
    await panel.close();
  });

  it('stand beside trees of spans, whose times are called measured wall time', async () => {
    const stacks = plantedStacks();
    const [first] = stacks.threads;
    assert.ok(first);
    const spans = { ...first, name: 'server.js (spans)', kind: 'spans' as const };
    const both: Stacks = { ...stacks, threads: [...stacks.threads, spans] };
    const panel = await open(sampledState({ thread: allThreads }, both));
    await panel.page.getByRole('tab', { name: 'Flame graph' }).click();
    const facts = (): Promise<string> => panel.page.locator('.stacks').innerText();
    assert.match(await facts(), /~1\.30 s CPU time/);
    await panel.page.getByRole('combobox', { name: 'Thread' }).selectOption('71.0.spans');
    assert.deepEqual(await selection(panel), { thread: '71.0.spans' });
    await panel.show(sampledState({ thread: '71.0.spans' }, both));
    assert.match(await facts(), /· 1\.00 s[\s\S]*[^~]1\.00 s wall time of spans \(measured\)/);
    await panel.close();
  });
});
