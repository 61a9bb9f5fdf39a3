import assert from 'node:assert/strict';
import type { PanelCommand } from '../../src/protocol/panel/panel-commands.ts';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import type { ReadyVerdict } from '../../src/protocol/validation/validation.ts';
import { chartsOf } from '../../webview/charts/charts.ts';
import { states } from '../fixtures/panel-states.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';
import { type Panel, PanelBrowser } from './browser.ts';

/** Returns the state of a run that lost something, with a notice that looks like markup. */
function lossyState(): PanelState {
  const state = states.live(20);
  const { snapshot } = state;
  assert.ok(snapshot);
  const dropped = { ...snapshot.dropped, calls: 1200, values: 1 };
  const notices = ['No function matches lib.js:grade (--exact). Check the name.', '<b>not markup</b>'];
  return { ...state, snapshot: { ...snapshot, dropped, notices } };
}

function stoppedState(seconds: number): PanelState {
  const state = states.finished(seconds);
  const { snapshot } = state;
  assert.ok(snapshot);
  const message = 'Stopped. What it recorded until then is kept.';
  return { ...state, snapshot: { ...snapshot, run: { ...snapshot.run, result: 'cancellation', message } } };
}

/** Returns the state of a validation run, finished if a verdict is given. */
function validationState(verdict?: ReadyVerdict): PanelState {
  const state = verdict ? states.finished(12) : states.live(12);
  const { snapshot } = state;
  const [component] = snapshot?.components ?? [];
  assert.ok(snapshot && component);
  const counts = { passed: 13, failed: 2, warned: 3, skipped: 7 };
  const validation = { ...counts, checks: [], ...(verdict ? { outcome: { verdict, score: 63 } } : {}) };
  const components = [
    { ...component, name: 'validation' },
    { ...component, name: 'workspace', light: 'error' as const, reason: '2 failed' },
  ];
  const run = { ...snapshot.run, pipeline: 'validation', title: 'Definition of Done' };
  return { ...state, snapshot: { ...snapshot, run, components, validation } };
}

describe('page', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;

  before(async () => {
    browser = await PanelBrowser.open();
  });
  after(() => browser?.close());

  it('draws no chart and no tile without data once a run has ended', async () => {
    const panel = await browser.openPanel();
    const { snapshot, ...state } = states.finished(40);
    assert.ok(snapshot);
    const titles = (): Promise<string[]> => panel.page.locator('.chart h2, .tile h2').allInnerTexts();
    await panel.show({ ...state, snapshot });
    const all = await titles();
    for (const title of ['p95', 'Cache hits', 'Errors', 'Throughput', 'Latency', 'Cache hit ratio', 'Error ratio'])
      assert.ok(
        all.some((shown) => shown.toLowerCase() === title.toLowerCase()),
        `${title} in ${all}`,
      );
    const series = Object.fromEntries(Object.entries(snapshot.series).filter(([key]) => key.startsWith('process.')));
    await panel.show({ ...state, snapshot: { ...snapshot, series } });
    const rest = (await titles()).map((title) => title.toLowerCase());
    assert.deepEqual(
      rest.filter((title) => !title.startsWith('health')),
      ['cpu · memory', 'cpu and event loop', 'memory', 'i/o'],
    );
    await panel.close();
  });

  it('changes every chart when a newer state arrives', async () => {
    const panel = await browser.openPanel();
    const charts = chartsOf(snapshotAt(30));
    await panel.show(states.live(30));
    const before = await Promise.all(charts.map(({ id }) => panel.pixels(`chart-${id}`)));
    await panel.show(states.live(30));
    const same = await Promise.all(charts.map(({ id }) => panel.pixels(`chart-${id}`)));
    await panel.show(states.live(31));
    const after = await Promise.all(charts.map(({ id }) => panel.pixels(`chart-${id}`)));
    for (const [index, { id }] of charts.entries()) {
      assert.equal(same[index], before[index], `${id} does not change with the same state`);
      assert.notEqual(after[index], before[index], `${id} changes with a newer state`);
    }
    assert.deepEqual(panel.errors, []);
    await panel.close();
  });

  it('draws only the newest of many states and reports the drawing time', async () => {
    const panel = await browser.openPanel();
    await panel.show(...Array.from({ length: 60 }, (_, second) => states.live(second + 1)));
    const drawn = await panel.posted('drawn');
    assert.ok(drawn.length >= 1 && drawn.length < 30, `${drawn.length} frames for 60 states`);
    assert.ok(drawn.every(({ drawNs }) => Number.isSafeInteger(drawNs) && drawNs > 0));
    await panel.page.getByText('running 01:00').waitFor();
    await panel.close();
  });

  interface Case {
    readonly name: string;
    readonly state: PanelState;
    readonly texts: readonly (string | RegExp)[];
    readonly buttons: Readonly<Record<string, PanelCommand>>;
    /** Selector of elements that must not be on the page. */
    readonly hidden?: string;
  }
  const cases: readonly Case[] = [
    {
      name: 'a welcome view before the first run',
      state: states.empty(),
      texts: [/runs a pipeline on this workspace/],
      buttons: { Profile: 'pipescope.profile' },
      hidden: '.tiles',
    },
    {
      name: 'how to trust the workspace, without any command, in Restricted Mode',
      state: states.untrusted(),
      texts: [/Restricted Mode/, /Manage Workspace Trust/],
      buttons: {},
      hidden: 'button',
    },
    {
      name: 'a run that is starting',
      state: states.starting(),
      texts: ['starting 00:00', 'Not enough data yet', 'No operations recorded yet.'],
      buttons: { Stop: 'pipescope.stop' },
    },
    {
      name: 'a running pipeline',
      state: states.live(42),
      texts: ['running 00:42', 'main @ 3f9c2e1', 'overhead 0.4 %', '1,204 spans dropped', 'p95 18.2 ms is over 15 ms'],
      buttons: { Pause: 'pipescope.pause', Stop: 'pipescope.stop', 'Export…': 'pipescope.exportSnapshot' },
      hidden: '.notice',
    },
    {
      name: 'what was lost, and the notices about it',
      state: lossyState(),
      texts: ['1,200 calls not counted, 1 value dropped', '2 notes about this measurement'],
      buttons: { Pause: 'pipescope.pause', Stop: 'pipescope.stop', 'Export…': 'pipescope.exportSnapshot' },
      hidden: '.notice b',
    },
    {
      name: 'a paused view',
      state: states.paused(20),
      texts: ['view paused at 00:20', 'no data dropped'],
      buttons: { Resume: 'pipescope.resume', Stop: 'pipescope.stop', 'Export…': 'pipescope.exportSnapshot' },
    },
    {
      name: 'a finished run with its totals',
      state: states.finished(42),
      texts: ['succeeded after 00:42', '52,290', 'Whole run'],
      buttons: {
        Profile: 'pipescope.profile',
        Benchmark: 'pipescope.benchmark',
        'Export…': 'pipescope.exportSnapshot',
      },
    },
    {
      name: 'a running validation without a verdict',
      state: validationState(),
      texts: [/Verdict\s+not yet/, '13 of 18 checks passed, 7 skipped', 'running 00:12'],
      buttons: { Stop: 'pipescope.stop' },
      hidden: '.top .icon.ok',
    },
    {
      name: 'a completed validation of a workspace that is not ready',
      state: validationState('not_ready'),
      texts: [
        /Verdict\s+not ready\s+63 of 100/,
        'not ready after 00:12',
        /Failed\s+2\s+3 warned · 7 skipped/,
        '2 failed',
      ],
      buttons: { Profile: 'pipescope.profile' },
      hidden: '.top .icon.ok',
    },
    {
      name: 'a completed validation of a workspace that is ready',
      state: validationState('ready'),
      texts: [/Verdict\s+ready\s+63 of 100/, 'ready after 00:12'],
      buttons: { Profile: 'pipescope.profile' },
      hidden: '.top .icon.error',
    },
    {
      name: 'a run stopped by the user without an alert',
      state: stoppedState(30),
      texts: ['Stopped. What it recorded until then is kept.', 'parse_file'],
      buttons: { Profile: 'pipescope.profile' },
      hidden: '[role="alert"]',
    },
    {
      name: 'the error of a failed run above its data',
      state: states.failed(30),
      texts: [
        'ended with exit code 1. Open the log',
        'ended with an error after 00:30',
        'parse_file',
        '2 of 8 workers',
      ],
      buttons: { 'Show Log': 'pipescope.showLog', Profile: 'pipescope.profile' },
    },
    {
      name: 'the error of a run that could not be started',
      state: states.failedEarly(),
      texts: ['could not be started. Run the build'],
      buttons: { 'Show Log': 'pipescope.showLog', Profile: 'pipescope.profile' },
      hidden: '.tiles',
    },
  ];
  describe('that stays open across states', () => {
    let panel: Panel;
    before(async () => {
      panel = await browser.openPanel();
    });
    after(() => panel?.close());

    for (const { name, state, texts, buttons, hidden } of cases) {
      it(`shows ${name}`, async () => {
        await panel.show(state);
        const text = await panel.page.locator('#root').innerText();
        for (const part of texts) assert.match(text, part instanceof RegExp ? part : new RegExp(escapeRegExp(part)));
        assert.doesNotMatch(text, /NaN|undefined|null|Infinity/);
        for (const [label, command] of Object.entries(buttons)) {
          await panel.page.getByRole('button', { name: label, exact: true }).click();
          const [newest] = (await panel.posted('run')).slice(-1);
          assert.equal(newest?.command, command);
        }
        if (hidden) assert.equal(await panel.page.locator(hidden).count(), 0, `${hidden} is not on the page`);
        assert.deepEqual(panel.errors, []);
      });
    }
  });

  it('restores tab, filter, sort order and tables after it was hidden, and draws the newest state', async () => {
    const panel = await browser.openPanel();
    await panel.show(states.live(20));
    await panel.page.getByRole('button', { name: 'p95', exact: true }).click();
    await panel.page.getByRole('button', { name: 'Table of Memory' }).click();
    await panel.page.getByRole('tab', { name: /Files/ }).click();
    await panel.page.getByRole('searchbox').fill('core');
    // VS Code discards a hidden page and reloads it when it becomes visible again.
    await panel.page.reload();
    await panel.page.waitForFunction(() => window.posted.some(({ type }) => type === 'ready'));
    await panel.show(states.live(25));
    assert.equal(await panel.page.getByRole('tab', { name: /Files/ }).getAttribute('aria-selected'), 'true');
    assert.equal(await panel.page.getByRole('searchbox').inputValue(), 'core');
    assert.equal(await panel.page.locator('#table-memory').count(), 1);
    await panel.page.getByRole('tab', { name: /Operations/ }).click();
    assert.equal(await panel.page.locator('th', { hasText: 'p95' }).last().getAttribute('aria-sort'), 'descending');
    await panel.page.getByText('running 00:25').waitFor();
    await panel.close();
  });

  it('ignores messages that are not states', async () => {
    const panel = await browser.openPanel();
    await panel.page.evaluate(() => {
      for (const message of [null, 7, 'state', {}, { type: 'state' }, { type: 'state', state: { snapshot: 1 } }]) {
        window.postMessage(message, '*');
      }
    });
    await panel.show(states.live(12));
    await panel.page.getByText('running 00:12').waitFor();
    assert.deepEqual(panel.errors, []);
    await panel.close();
  });

  it('shows markup in names and messages as plain text', async () => {
    const text = '<img src=x onerror="window.broken=1"><b>bold</b>';
    const panel = await browser.openPanel();
    await panel.show({
      ...states.live(20, { text }),
      problem: text,
      snapshot: { ...snapshotAt(20, { text }), run: { ...snapshotAt(20).run, title: text } },
    });
    assert.equal(await panel.page.getByRole('heading', { level: 1 }).innerText(), text);
    assert.ok((await panel.page.getByText('<b>bold</b>').count()) >= 4, 'title, problem, reason and operation show it');
    assert.equal(await panel.page.getByRole('rowheader', { name: text }).count(), 1);
    assert.equal(await panel.page.locator('img').count(), 0);
    await panel.page.getByRole('tab', { name: /Files/ }).click();
    assert.equal(await panel.page.getByRole('rowheader', { name: text }).count(), 1);
    assert.equal(await panel.page.locator('img').count(), 0);
    assert.equal(await panel.page.evaluate(() => 'broken' in window), false);
    await panel.close();
  });

  it('obeys the content security policy in every state and tab, while a planted violation is detected', async () => {
    const panel = await browser.openPanel();
    for (const state of [states.empty(), states.starting(), states.crowded(90), states.failed(20)]) {
      await panel.show(state);
    }
    for (const tab of ['Files', 'Timeline', 'Processes', 'Compare', 'History', 'Operations']) {
      await panel.page.getByRole('tab', { name: new RegExp(tab) }).click();
    }
    assert.deepEqual(await panel.violations(), []);
    await panel.page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<p style="color: red">planted</p>');
    });
    await panel.page.waitForFunction(() => window.violations.length > 0);
    assert.match((await panel.violations()).join(), /^style-src-attr/);
    await panel.close();
  });

  it('applies the colors of another theme without a new state', async () => {
    const panel = await browser.openPanel();
    await panel.show(states.live(30));
    const dark = await panel.pixels('chart-latency');
    await panel.applyTheme('light');
    await panel.page.waitForFunction(
      (before) => document.querySelector<HTMLCanvasElement>('canvas#chart-latency')?.toDataURL() !== before,
      dark,
    );
    const background = await panel.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(background, 'rgb(255, 255, 255)');
    await panel.close();
  });

  for (const [width, columns] of [
    [1700, 3],
    [1100, 2],
    [500, 1],
  ] as const) {
    it(`fills every row of charts with ${columns} columns`, async () => {
      const panel = await browser.openPanel();
      await panel.page.setViewportSize({ width, height: 1000 });
      await panel.show(states.live(30));
      const boxes = await panel.page
        .locator('.chart')
        .evaluateAll((cards) =>
          cards.map((card) => card.getBoundingClientRect()).map(({ x, y, right }) => ({ x, y, right })),
        );
      assert.equal(new Set(boxes.map(({ x }) => Math.round(x))).size, columns);
      const rows = Object.values(Object.groupBy(boxes, ({ y }) => String(Math.round(y))));
      const ends = rows.map((row) => Math.max(...(row ?? []).map(({ right }) => Math.round(right))));
      assert.ok(rows.length >= 3);
      assert.equal(new Set(ends).size, 1, `rows end at ${ends}`);
      await panel.close();
    });
  }

  it('has no animations', async () => {
    const panel = await browser.openPanel();
    await panel.show(states.live(30));
    const { checked, animated, running } = await panel.page.evaluate(() => {
      const styles = [...document.querySelectorAll('*')].map((element) => getComputedStyle(element));
      const moving = styles.filter((style) => style.animationName !== 'none' || style.transitionDuration !== '0s');
      return { checked: styles.length, animated: moving.length, running: document.getAnimations().length };
    });
    assert.ok(checked > 200, `${checked} elements were checked`);
    assert.deepEqual([animated, running], [0, 0]);
    await panel.close();
  });

  it('keeps the order of rows while the pointer is over the table', async () => {
    const panel = await browser.openPanel();
    const state = states.live(40);
    const snapshot = snapshotAt(40);
    const reversed = snapshot.operations.map((operation) => ({ ...operation, totalNs: 1e15 - operation.totalNs }));
    const names = () => panel.page.locator('.operations tbody th').allInnerTexts();
    await panel.show(state);
    const before = await names();
    await panel.page.locator('.operations tbody tr').nth(3).hover();
    await panel.show({ ...state, snapshot: { ...snapshot, operations: reversed } });
    assert.deepEqual(await names(), before);
    await panel.page.getByRole('heading', { level: 1 }).hover();
    await panel.show({ ...state, snapshot: { ...snapshot, operations: reversed } });
    assert.deepEqual(await names(), before.toReversed());
    await panel.close();
  });

  it('draws 50 of 200 operations at first, and all of them on request', async () => {
    const panel = await browser.openPanel();
    for (let second = 30; second < 40; second += 1) await panel.show(states.crowded(second));
    const rows = panel.page.locator('.operations tbody tr');
    assert.equal(await rows.count(), 50);
    const few = median(await frameTimesMs(panel));
    await panel.page.getByRole('button', { name: 'Show 150 more' }).click();
    assert.equal(await rows.count(), 200);
    for (let second = 40; second < 50; second += 1) await panel.show(states.crowded(second));
    const all = median((await frameTimesMs(panel)).slice(-9));
    console.log(`      a frame costs ${few.toFixed(1)} ms with 50 rows, ${all.toFixed(1)} ms with 200 (median of 9)`);
    await panel.close();
  });
});

/** Returns the drawing times in milliseconds, without the first frame, which creates the charts. */
async function frameTimesMs(panel: {
  posted(type: 'drawn'): Promise<{ readonly drawNs: number }[]>;
}): Promise<number[]> {
  return (await panel.posted('drawn')).slice(1).map(({ drawNs }) => drawNs / 1e6);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
