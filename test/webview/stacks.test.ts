/** The flame graph and the call tree with planted stacks, in a real browser. */
import assert from 'node:assert/strict';
import { allThreads, type StackSelection } from '../../src/protocol/panel/stack-view.ts';
import { states } from '../fixtures/panel-states.ts';
import { largeStacks, plantedReference, plantedStacks, sampledState, withStacks } from '../fixtures/stack-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';
import { answerStacks, openStackTab, type StackTab } from './stack-tabs.ts';
import { type ThemeName, themes } from './themes.ts';

describe('views of call stacks', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());

  const openTab = (name: StackTab, theme?: ThemeName): Promise<Panel> => openStackTab(browser, name, theme);

  it('are offered only for a run whose stacks were sampled', async () => {
    const panel = await browser.openPanel();
    const { snapshot, stacks: _, ...state } = sampledState();
    assert.ok(snapshot);
    await panel.show({ ...state, snapshot });
    assert.equal(await panel.page.getByRole('tab', { name: 'Flame graph' }).count(), 1);
    const processes = snapshot.processes.map(({ sampledNs: _sampled, ...process }) => process);
    await panel.show({ ...state, snapshot: { ...snapshot, processes } });
    assert.equal(await panel.page.getByRole('tab', { name: 'Flame graph' }).count(), 0);
    await panel.close();
  });

  it('request stacks while they are shown, and no longer', async () => {
    const panel = await openTab('Flame graph');
    assert.deepEqual((await panel.posted('stacks')).at(-1)?.selection, { thread: allThreads });
    await panel.page.getByRole('tab', { name: 'Operations' }).click();
    assert.equal((await panel.posted('stacks')).at(-1)?.selection, undefined);
    await panel.close();
  });

  it('name a profile as such, without a start, a result or a cost that nobody has measured', async () => {
    const panel = await browser.openPanel();
    const { snapshot, ...state } = sampledState();
    assert.ok(snapshot);
    const facts = (): Promise<string> => panel.page.locator('header').innerText();
    await panel.show({ ...state, snapshot });
    assert.match(await facts(), /started[\s\S]*overhead/);
    await panel.show({ ...state, snapshot: { ...snapshot, run: { ...snapshot.run, kind: 'profile' } } });
    assert.match(await facts(), /profile of another tool/);
    assert.doesNotMatch(await facts(), /started|succeeded|overhead|dropped/);
    await panel.close();
  });

  it('follow the time window of the charts', async () => {
    const panel = await browser.openPanel();
    await panel.show(withStacks(states.live(30)));
    await panel.page.getByRole('tab', { name: 'Flame graph' }).click();
    const newest = async (): Promise<StackSelection['range']> =>
      (await panel.posted('stacks')).at(-1)?.selection?.range;
    assert.equal(await newest(), undefined);
    await panel.show(withStacks(states.live(90)));
    assert.deepEqual(await newest(), { startNs: 30e9, endNs: 90e9 });
    await panel.page.getByLabel('Time range').selectOption('whole');
    assert.equal(await newest(), undefined);
    await panel.close();
  });

  it('move between frames by keyboard, and describe the selected one', async () => {
    const panel = await openTab('Flame graph');
    const graph = panel.page.getByRole('img', { name: /^Flame graph/ });
    const status = panel.page.locator('.flames .hint[role=status]');
    await graph.focus();
    const visited: string[] = [];
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft']) {
      await panel.page.keyboard.press(key);
      visited.push(((await status.textContent()) ?? '').split(' · ')[0] ?? '');
    }
    assert.deepEqual(visited, ['handler', 'search', 'rank', 'search', '<b>send</b>', 'search']);
    assert.match(
      (await status.textContent()) ?? '',
      /src\/catalog\.js:6 · ~820 ms \(63\.1 %\) · self ~140 ms · 82 samples/,
    );
    await panel.close();
  });

  it('zoom in and out by keyboard, with the way back as breadcrumbs', async () => {
    const panel = await openTab('Flame graph');
    await panel.page.getByRole('img', { name: /^Flame graph/ }).focus();
    const whole = await panel.pixels('flames');
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await panel.page.keyboard.press(key);
    const breadcrumbs = panel.page.getByRole('navigation', { name: 'Zoom' });
    assert.deepEqual(await breadcrumbs.getByRole('button').allTextContents(), ['All', 'handler', 'search']);
    assert.notEqual(await panel.pixels('flames'), whole);
    await panel.page.keyboard.press('Escape');
    assert.deepEqual(await breadcrumbs.getByRole('button').allTextContents(), ['All', 'handler']);
    await breadcrumbs.getByRole('button', { name: 'All' }).click();
    assert.equal(await breadcrumbs.count(), 0);
    await panel.close();
  });

  it('show the callers and callees of the frame that is clicked, and open its source', async () => {
    const panel = await openTab('Flame graph');
    await panel.page.locator('canvas#flames').click({ position: { x: 60, y: 4 + 19 * 2 + 8 } });
    const selection = await answerStacks(panel);
    assert.equal(
      selection?.function,
      plantedStacks().functions.findIndex(({ name }) => name === 'rank'),
    );
    const details = panel.page.getByRole('complementary', { name: 'Function rank' });
    const text = (await details.textContent()) ?? '';
    assert.match(text, /~70\.8 % of CPU time \(~920 ms\) · self ~5\.4 % \(~70\.0 ms\)/);
    const lists = await details.getByRole('list').allTextContents();
    assert.match(lists[0] ?? '', /^search.*100 %~920 ms$/);
    assert.match(lists[1] ?? '', /^sort.*66\.3 %~610 ms.*score.*26\.1 %~240 ms$/);
    await details.getByRole('button', { name: 'src/catalog.js:10' }).click();
    assert.deepEqual((await panel.posted('reveal')).at(-1), { type: 'reveal', file: 'src/catalog.js', line: 10 });
    await panel.close();
  });

  it('show one thread, and forget what was selected in another', async () => {
    const panel = await openTab('Flame graph');
    await panel.page.getByLabel('Thread').selectOption({ label: 'server.js #1 · 300 ms' });
    assert.deepEqual(await answerStacks(panel), { thread: '71.1' });
    assert.match((await panel.page.locator('.controls').textContent()) ?? '', /~300 ms CPU time · 30 samples/);
    await panel.close();
  });

  it('mark what a search finds, and show the call paths to it in the call tree', async () => {
    const panel = await openTab('Flame graph');
    const before = await panel.pixels('flames');
    await panel.page.getByRole('searchbox', { name: 'Find functions' }).fill('score');
    assert.notEqual(await panel.pixels('flames'), before);
    await panel.page.getByRole('tab', { name: 'Call tree' }).click();
    const names = await panel.page.locator('.calls .name').allTextContents();
    assert.deepEqual(names, ['handler', 'search', 'rank', 'sort', 'score', 'search', 'rank', 'score']);
    await panel.close();
  });

  it('expand and collapse the call tree by keyboard', async () => {
    const panel = await openTab('Call tree');
    const names = (): Promise<string[]> => panel.page.locator('.calls .name').allTextContents();
    const rows = panel.page.getByRole('treegrid').getByRole('row');
    assert.deepEqual(await names(), [
      'handler',
      'search',
      'rank',
      'sort',
      'score',
      '<b>send</b>',
      'search',
      'rank',
      'score',
    ]);
    await rows.nth(1).focus();
    await panel.page.keyboard.press('ArrowLeft');
    assert.deepEqual(await names(), ['handler', 'search', 'rank', 'score']);
    assert.equal(await rows.nth(1).getAttribute('aria-expanded'), 'false');
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('ArrowDown');
    assert.match((await panel.page.locator(':focus').textContent()) ?? '', /^▾search/);
    await panel.close();
  });

  it('show all nodes that are large enough of a tree with 20,000', async () => {
    const panel = await browser.openPanel();
    const state = sampledState({ thread: allThreads }, largeStacks());
    assert.ok(state.stacks && state.stacks.nodes.length > 100 && state.stacks.omitted > 10_000);
    await panel.show(state);
    await panel.page.getByRole('tab', { name: 'Flame graph' }).click();
    await panel.show(state);
    assert.match((await panel.page.locator('.controls').textContent()) ?? '', /smaller call paths not shown/);
    assert.deepEqual(panel.errors, []);
    await panel.close();
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`pass axe with the ${theme} theme`, async () => {
      const panel = await openTab('Flame graph', theme);
      await panel.page.locator('canvas#flames').click({ position: { x: 60, y: 50 } });
      await answerStacks(panel);
      const flames = await panel.accessibilityFindings();
      await panel.screenshot(`${theme}-flames`);
      await panel.page.locator('canvas#flames').dblclick({ position: { x: 60, y: 50 } });
      await answerStacks(panel, { reference: plantedReference });
      const compared = await panel.accessibilityFindings();
      await panel.screenshot(`${theme}-flames-compared`);
      await panel.page.getByRole('tab', { name: 'Call tree' }).click();
      await answerStacks(panel);
      const calls = await panel.accessibilityFindings();
      await panel.screenshot(`${theme}-calls`);
      assert.deepEqual([...flames.findings, ...compared.findings, ...calls.findings], []);
      assert.ok(flames.passed > 10 && compared.passed > 10 && calls.passed > 10);
      assert.deepEqual([...panel.errors, ...(await panel.violations())], []);
      await panel.close();
    });
  }
});
