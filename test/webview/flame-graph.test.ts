/** Comparison, order of time, source lines and zoom of the flame graph, in a real browser. */
import assert from 'node:assert/strict';
import { StacksBuilder } from '../../src/core/stacks/stacks-builder.ts';
import { allThreads } from '../../src/protocol/panel/stack-view.ts';
import {
  plantedLines,
  plantedReference,
  plantedSlices,
  plantedStacks,
  sampledState,
} from '../fixtures/stack-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';
import { answerStacks, openStackTab, type StackTab } from './stack-tabs.ts';

describe('the flame graph', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());

  const openTab = (name: StackTab): Promise<Panel> => openStackTab(browser, name);

  it('compares with a reference: signs in the description, a table of changes, and what is gone', async () => {
    const panel = await openTab('Flame graph');
    await panel.page.getByRole('button', { name: 'Compare with…' }).click();
    assert.deepEqual((await panel.posted('reference')).at(-1), { type: 'reference', action: 'choose' });
    const before = await panel.pixels('flames');
    await answerStacks(panel, { reference: plantedReference });
    assert.notEqual(await panel.pixels('flames'), before);

    const graph = panel.page.getByRole('img', { name: /^Flame graph/ });
    await graph.focus();
    await panel.page.keyboard.press('ArrowDown');
    const status = panel.page.locator('.flames .hint[role=status]');
    assert.match((await status.textContent()) ?? '', /^handler .*\(76\.9 %\) · −23\.1 points, before ~2\.00 s/);

    const rows = panel.page.getByRole('table').getByRole('row');
    const cellsOf = async (name: string): Promise<readonly string[]> =>
      (
        await rows
          .filter({ hasText: new RegExp(`^${name} `) })
          .getByRole('cell')
          .allTextContents()
      ).map((text) => text.trim());
    assert.deepEqual(await cellsOf('score'), ['~70 %', '~58.5 %', '−11.5 points', '~70 %', '~58.5 %', '−11.5 points']);
    assert.deepEqual(await cellsOf('log'), ['~13 %', '–', '−13.0 points', '~13 %', '–', '−13.0 points']);
    assert.deepEqual(await panel.page.locator('.removed li').allTextContents(), ['handler › search › log ~13 %']);

    await panel.page.getByLabel('Change of').selectOption('time');
    assert.deepEqual(await cellsOf('score'), ['~1.40 s', '~760 ms', '−640 ms', '~1.40 s', '~760 ms', '−640 ms']);
    assert.match((await status.textContent()) ?? '', /−1\.00 s, before ~2\.00 s/);

    await panel.page.getByRole('button', { name: 'Stop comparing' }).click();
    assert.deepEqual((await panel.posted('reference')).at(-1), { type: 'reference', action: 'clear' });
    await answerStacks(panel);
    assert.equal(await panel.page.getByText('Changed functions').count(), 0);
    await panel.close();
  });

  it('has a call tree with the columns of a comparison and the same numbers', async () => {
    const panel = await openTab('Call tree');
    await answerStacks(panel, { reference: plantedReference });
    const tree = panel.page.getByRole('treegrid');
    assert.deepEqual(await tree.getByRole('columnheader').allTextContents(), [
      'Function',
      'Self',
      'Before',
      'After',
      'Change',
    ]);
    const cells = await tree.getByRole('row').nth(2).locator('td').allTextContents();
    assert.deepEqual(cells, ['~10.8 %', '~94 %', '~63.1 %', '−30.9 points']);
    await panel.close();
  });

  it('orders the frames by time, each path in its second, and describes where it began', async () => {
    const panel = await openTab('Flame graph');
    assert.equal(await panel.page.getByLabel('Order').count(), 0, 'is offered although the times are not known');
    const stacks = plantedStacks();
    const sources = { slices: () => plantedSlices(stacks) };
    await answerStacks(panel, sources);
    const bySize = await panel.pixels('flames');
    await panel.page.getByLabel('Order').selectOption('time');
    assert.deepEqual(await answerStacks(panel, sources), { thread: allThreads, order: 'time' });
    assert.notEqual(await panel.pixels('flames'), bySize);
    assert.match((await panel.page.locator('.flames').textContent()) ?? '', /Columns of 1\.00 s, earliest first/);
    const graph = panel.page.getByRole('img', { name: /^Flame graph/ });
    await graph.focus();
    const visited: string[] = [];
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
      await panel.page.keyboard.press(key);
      const parts = ((await panel.page.locator('.flames .hint[role=status]').textContent()) ?? '').split(' · ');
      visited.push(`${parts[0]} ${parts[2]}`);
    }
    assert.deepEqual(visited, [
      'handler from 0 ns',
      'search from 0 ns',
      'handler from 1.00 s',
      'search from 2.00 s',
      'handler from 3.00 s',
    ]);
    // The call tree lists each path once.
    await panel.page.getByRole('tab', { name: 'Call tree' }).click();
    assert.equal((await panel.posted('stacks')).at(-1)?.selection?.order, undefined);
    await panel.close();
  });

  it('shows the source of the selected function with the cost of its lines, and reveals a line', async () => {
    const panel = await openTab('Flame graph');
    await panel.page.locator('canvas#flames').click({ position: { x: 60, y: 4 + 19 * 2 + 8 } });
    await answerStacks(panel);
    const details = panel.page.getByRole('complementary', { name: 'Function rank' });
    assert.equal(await details.getByText('Lines').count(), 0, 'lines are shown without any');
    const state = sampledState((await panel.posted('stacks')).at(-1)?.selection);
    const { stacks } = state;
    assert.ok(stacks?.details);
    const withLines = { ...stacks, lineSource: 'checks' as const, details: { ...stacks.details, ...plantedLines } };
    await panel.show({ ...state, stacks: withLines });
    const lines = details.locator('.lines li');
    assert.deepEqual(await lines.allTextContents(), [
      '10function rank(found) {',
      '11  const sorted = [...found].sort((a, b) => score(b) - score(a));~890 ms',
      '12  return sorted.slice(0, 10).map(({ id }) => "<b>" + id);~30.0 ms',
      '13}',
    ]);
    assert.match((await details.textContent()) ?? '', /Approximate: a sample names the nearest call or end of a loop/);
    await lines.nth(1).getByRole('button').click();
    assert.deepEqual((await panel.posted('reveal')).at(-1), { type: 'reveal', file: 'src/catalog.js', line: 11 });
    await panel.close();
  });

  it('has a minimap while it is zoomed, which moves the visible part', async () => {
    const panel = await openTab('Flame graph');
    const minimap = panel.page.locator('canvas#minimap');
    assert.equal(await minimap.count(), 0);
    await panel.page.getByRole('img', { name: /^Flame graph/ }).focus();
    for (const key of ['ArrowDown', '+', '+', '+']) await panel.page.keyboard.press(key);
    const before = await panel.pixels('flames');
    await minimap.scrollIntoViewIfNeeded();
    const box = await minimap.boundingBox();
    assert.ok(box);
    await panel.page.mouse.move(box.x + box.width * 0.3, box.y + 20);
    await panel.page.mouse.down();
    await panel.page.mouse.move(box.x + box.width, box.y + 20, { steps: 4 });
    await panel.page.mouse.up();
    assert.notEqual(await panel.pixels('flames'), before);
    // The right end of the graph is the worker, so a click there finds its frame.
    const canvas = panel.page.locator('canvas#flames');
    const width = (await canvas.boundingBox())?.width ?? 0;
    await canvas.click({ position: { x: width - 30, y: 10 } });
    assert.match((await panel.page.locator('.flames .hint[role=status]').textContent()) ?? '', /^search .*~300 ms/);
    await panel.page.keyboard.press('Escape');
    assert.equal(await minimap.count(), 0);
    await panel.close();
  });

  it('zooms with the wheel around the pointer, and moves sideways', async () => {
    const panel = await openTab('Flame graph');
    const canvas = panel.page.locator('canvas#flames');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    assert.ok(box);
    await panel.page.mouse.move(box.x + box.width - 30, box.y + 10);
    await panel.page.keyboard.down('Control');
    for (let step = 0; step < 4; step++) await panel.page.mouse.wheel(0, -100);
    await panel.page.keyboard.up('Control');
    await panel.page.locator('canvas#minimap').waitFor();
    const zoomed = await panel.pixels('flames');
    await panel.page.mouse.wheel(-200, 0);
    await panel.page.waitForFunction(
      (earlier) => document.querySelector<HTMLCanvasElement>('canvas#flames')?.toDataURL() !== earlier,
      zoomed,
    );
    await panel.close();
  });

  it('offers each process with all its threads, and each thread', async () => {
    const panel = await openTab('Flame graph');
    const builder = new StacksBuilder();
    const rank = builder.indexOf({ name: 'rank', component: 'src' });
    for (const [name, process, thread] of [
      ['server.js', 71, 0],
      ['server.js #1', 71, 1],
      ['job.js', 80, 0],
    ] as const)
      builder.addThread(name, process, thread).addStack([rank], 1, 1e9);
    const stacks = builder.build();
    await panel.show(sampledState({ thread: allThreads }, stacks));
    const picker = panel.page.getByLabel('Thread');
    assert.deepEqual(
      await picker.locator('optgroup').evaluateAll((groups) => groups.map((group) => group.getAttribute('label'))),
      ['server.js (process 71)'],
    );
    assert.deepEqual(await picker.locator('option').allTextContents(), [
      'All · 2 processes, 3 threads',
      'All 2 threads · 2.00 s',
      'server.js · 1.00 s',
      'server.js #1 · 1.00 s',
      'job.js · 1.00 s',
    ]);
    await picker.selectOption('process:71');
    const selection = (await panel.posted('stacks')).at(-1)?.selection;
    assert.equal(selection?.thread, 'process:71');
    await panel.show(sampledState(selection, stacks));
    assert.match((await panel.page.locator('.controls').textContent()) ?? '', /~2\.00 s CPU time/);
    await panel.close();
  });

  it('selects the function that the editor asks for, once, whatever tab and thread were shown', async () => {
    const panel = await openTab('Flame graph');
    await panel.page.getByLabel('Thread').selectOption('71.1');
    await answerStacks(panel);
    await panel.page.getByRole('tab', { name: 'Operations' }).click();
    const id = plantedStacks().functions.findIndex(({ name }) => name === 'score');
    const state = { ...sampledState(), shownFunction: { turn: '1', name: 'score', id } };
    await panel.show(state);
    assert.deepEqual(await answerStacks(panel), { thread: allThreads, function: id });
    const status = panel.page.locator('.flames .hint[role=status]');
    // The largest of its frames.
    assert.match((await status.textContent()) ?? '', /^score .*~520 ms/);
    assert.equal(await panel.page.getByRole('complementary', { name: 'Function score' }).count(), 1);
    await panel.page.getByRole('tab', { name: 'Operations' }).click();
    await panel.show(state);
    assert.equal(await panel.page.getByRole('tab', { name: 'Operations' }).getAttribute('aria-selected'), 'true');
    const missing = { ...state, shownFunction: { turn: '2', name: 'idle' } };
    await panel.show(missing, missing);
    assert.match((await panel.page.locator('.flames').textContent()) ?? '', /idle has no samples in this run/);
    await panel.close();
  });

  it('explains frames that are no functions, and what to do without samples', async () => {
    const panel = await openTab('Flame graph');
    const builder = new StacksBuilder();
    const tree = builder.addThread('server.js', 71, 0);
    for (const name of ['(event loop)', '(garbage collector)', '(not sampled)'])
      tree.addStack([builder.indexOf({ name, component: '(node)' })], 1, 1e6);
    await panel.show(sampledState({ thread: allThreads }, builder.build()));
    await panel.page.getByRole('img', { name: /^Flame graph/ }).focus();
    const texts: string[] = [];
    for (let step = 0; step < 3; step++) {
      await panel.page.keyboard.press(step === 0 ? 'ArrowDown' : 'ArrowRight');
      texts.push((await panel.page.locator('.flames .hint[role=status]').textContent()) ?? '');
    }
    assert.match(texts[0] ?? '', /^\(event loop\) · Node\.js .* no JavaScript ran/);
    assert.match(texts[1] ?? '', /^GC \(garbage collector\) .* memory was freed/);
    assert.match(texts[2] ?? '', /^\(not sampled\) .* before the first and after the last sample/);
    const empty = new StacksBuilder();
    empty.addThread('server.js', 71, 0);
    await panel.show(sampledState({ thread: allThreads }, empty.build()));
    assert.match((await panel.page.locator('.empty').textContent()) ?? '', /let the program work for a second/);
    await panel.close();
  });

  it('shows how much a search has found', async () => {
    const panel = await openTab('Flame graph');
    const find = panel.page.getByRole('searchbox', { name: 'Find functions' });
    await find.fill('rank');
    const found = panel.page.locator('.controls').getByRole('status');
    assert.equal(await found.textContent(), '2 matches, ~70.8 %');
    await find.fill('xyz');
    assert.equal(await found.textContent(), 'No matches');
    await panel.close();
  });
});
