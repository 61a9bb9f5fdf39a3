import assert from 'node:assert/strict';
import type { PanelCommand, PanelState } from '../../src/protocol/panel-message.ts';
import type { ReadyVerdict } from '../../src/protocol/validation.ts';
import { charts } from '../../webview/charts/charts.ts';
import { snapshotAt, states } from '../fixtures/snapshot.ts';
import { type Panel, Stage } from './browser.ts';

function stopped(seconds: number): PanelState {
  const state = states.finished(seconds);
  const { snapshot } = state;
  assert.ok(snapshot);
  const message = 'Stopped. What it recorded until then is kept.';
  return { ...state, snapshot: { ...snapshot, run: { ...snapshot.run, result: 'cancellation', message } } };
}

/** A run of the validation; the verdict is counted at its end. */
function validated(verdict?: ReadyVerdict): PanelState {
  const state = verdict ? states.finished(12) : states.live(12);
  const { snapshot } = state;
  const [component] = snapshot?.components ?? [];
  assert.ok(snapshot && component);
  const counters = { passed: 13, failed: 2, warned: 3, skipped: 7, ...(verdict ? { [verdict]: 1 } : {}) };
  const gauges = verdict ? { score: { value: 63, unit: '1' } } : {};
  const components = [
    { ...component, name: 'validation', counters, gauges },
    { ...component, name: 'workspace', light: 'error' as const, reason: '2 failed' },
  ];
  const run = { ...snapshot.run, pipeline: 'validation', title: 'Definition of Done' };
  return { ...state, snapshot: { ...snapshot, run, components } };
}

describe('page', function () {
  this.timeout(60_000);
  let stage: Stage;

  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());

  it('changes every chart when a newer state arrives', async () => {
    const panel = await stage.panel();
    await panel.show(states.live(30));
    const before = await Promise.all(charts.map(({ id }) => panel.pixels(`chart-${id}`)));
    await panel.show(states.live(30));
    const same = await Promise.all(charts.map(({ id }) => panel.pixels(`chart-${id}`)));
    await panel.show(states.live(31));
    const after = await Promise.all(charts.map(({ id }) => panel.pixels(`chart-${id}`)));
    for (const [at, { id }] of charts.entries()) {
      assert.equal(same[at], before[at], `${id} stays as it is with the same state`);
      assert.notEqual(after[at], before[at], `${id} changes with a newer state`);
    }
    assert.deepEqual(panel.errors, []);
    await panel.close();
  });

  it('draws only the newest of many states, and says what that cost', async () => {
    const panel = await stage.panel();
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
    readonly says: readonly (string | RegExp)[];
    readonly offers: Readonly<Record<string, PanelCommand>>;
    readonly hides?: string;
  }
  const cases: readonly Case[] = [
    {
      name: 'an empty page that says what it is for',
      state: states.empty(),
      says: [/runs a pipeline on this workspace/],
      offers: { Profile: 'pipescope.profile' },
      hides: '.tiles',
    },
    {
      name: 'how to trust, and nothing that runs',
      state: states.untrusted(),
      says: [/Restricted Mode/, /Manage Workspace Trust/],
      offers: {},
      hides: 'button',
    },
    {
      name: 'a start',
      state: states.starting(),
      says: ['starting 00:00', 'not enough data yet', 'No operation has ended yet.'],
      offers: { Stop: 'pipescope.stop' },
    },
    {
      name: 'a running pipeline',
      state: states.live(42),
      says: ['running 00:42', 'main @ 3f9c2e1', 'overhead 0.4 %', '1,204 spans left out', 'p95 18.2 ms is over 15 ms'],
      offers: { Pause: 'pipescope.pause', Stop: 'pipescope.stop', 'Export…': 'pipescope.exportSnapshot' },
      hides: '.notice',
    },
    {
      name: 'a paused view',
      state: states.paused(20),
      says: ['view paused at 00:20', 'nothing dropped'],
      offers: { Resume: 'pipescope.resume', Stop: 'pipescope.stop', 'Export…': 'pipescope.exportSnapshot' },
    },
    {
      name: 'a finished run with its totals',
      state: states.finished(42),
      says: ['succeeded after 00:42', '52,290', 'whole run'],
      offers: {
        Profile: 'pipescope.profile',
        Benchmark: 'pipescope.benchmark',
        'Export…': 'pipescope.exportSnapshot',
      },
    },
    {
      name: 'a validation under way, without a verdict',
      state: validated(),
      says: [/Verdict\s+not yet/, '13 of 18 checks passed, 7 skipped', 'running 00:12'],
      offers: { Stop: 'pipescope.stop' },
      hides: '.top .icon.ok',
    },
    {
      name: 'a validation that went well and found faults',
      state: validated('not_ready'),
      says: [
        /Verdict\s+not ready\s+63 of 100/,
        'not ready after 00:12',
        /Failed\s+2\s+3 warned · 7 skipped/,
        '2 failed',
      ],
      offers: { Profile: 'pipescope.profile' },
      hides: '.top .icon.ok',
    },
    {
      name: 'a validation of a workspace that is ready',
      state: validated('ready'),
      says: [/Verdict\s+ready\s+63 of 100/, 'ready after 00:12'],
      offers: { Profile: 'pipescope.profile' },
      hides: '.top .icon.error',
    },
    {
      name: 'a run that its person stopped, which is no fault',
      state: stopped(30),
      says: ['Stopped. What it recorded until then is kept.', 'parse_file'],
      offers: { Profile: 'pipescope.profile' },
      hides: '[role="alert"]',
    },
    {
      name: 'a failed run above what it recorded',
      state: states.failed(30),
      says: ['ended with exit code 1. Open the log', 'ended with an error after 00:30', 'parse_file', '2 of 8 workers'],
      offers: { 'Show Log': 'pipescope.showLog', Profile: 'pipescope.profile' },
    },
    {
      name: 'a run that never began',
      state: states.failedEarly(),
      says: ['could not be started. Run the build'],
      offers: { 'Show Log': 'pipescope.showLog', Profile: 'pipescope.profile' },
      hides: '.tiles',
    },
  ];
  describe('of one panel, state by state,', () => {
    let panel: Panel;
    before(async () => {
      panel = await stage.panel();
    });
    after(() => panel?.close());

    for (const { name, state, says, offers, hides } of cases) {
      it(`shows ${name}`, async () => {
        await panel.show(state);
        const text = await panel.page.locator('#root').innerText();
        for (const part of says) assert.match(text, part instanceof RegExp ? part : new RegExp(escaped(part)));
        assert.doesNotMatch(text, /NaN|undefined|null|Infinity/);
        for (const [label, command] of Object.entries(offers)) {
          await panel.page.getByRole('button', { name: label, exact: true }).click();
          const [newest] = (await panel.posted('run')).slice(-1);
          assert.equal(newest?.command, command);
        }
        if (hides) assert.equal(await panel.page.locator(hides).count(), 0, `${hides} is not there`);
        assert.deepEqual(panel.errors, []);
      });
    }
  });

  it('remembers tab, filter, order and tables while it is hidden, and draws the newest state when seen again', async () => {
    const panel = await stage.panel();
    await panel.show(states.live(20));
    await panel.page.getByRole('button', { name: 'p95', exact: true }).click();
    await panel.page.getByRole('button', { name: 'Table of Memory' }).click();
    await panel.page.getByRole('tab', { name: /Files/ }).click();
    await panel.page.getByRole('searchbox').fill('core');
    // The editor throws a hidden page away, and loads it anew when it is seen again.
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

  it('passes over messages that are no states', async () => {
    const panel = await stage.panel();
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

  it('shows text that looks like markup as text', async () => {
    const text = '<img src=x onerror="window.broken=1"><b>bold</b>';
    const panel = await stage.panel();
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

  it('breaks no rule of the content security policy in any state or tab, where a broken one is seen', async () => {
    const panel = await stage.panel();
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

  it('puts on the colours of another theme without a new state', async () => {
    const panel = await stage.panel();
    await panel.show(states.live(30));
    const dark = await panel.pixels('chart-latency');
    await panel.wear('light');
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
    it(`leaves no hole below the charts in ${columns} columns`, async () => {
      const panel = await stage.panel();
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

  it('moves nothing by itself', async () => {
    const panel = await stage.panel();
    await panel.show(states.live(30));
    const moving = await panel.page.evaluate(() => {
      const styles = [...document.querySelectorAll('*')].map((element) => getComputedStyle(element));
      const moves = styles.filter((style) => style.animationName !== 'none' || style.transitionDuration !== '0s');
      return { seen: styles.length, moves: moves.length, running: document.getAnimations().length };
    });
    assert.ok(moving.seen > 200, 'the page was looked at');
    assert.deepEqual([moving.moves, moving.running], [0, 0]);
    await panel.close();
  });

  it('keeps rows in their places while the pointer is over them', async () => {
    const panel = await stage.panel();
    const state = states.live(40);
    const snapshot = snapshotAt(40);
    const turned = snapshot.operations.map((operation) => ({ ...operation, totalNs: 1e15 - operation.totalNs }));
    const names = () => panel.page.locator('.operations tbody th').allInnerTexts();
    await panel.show(state);
    const before = await names();
    await panel.page.locator('.operations tbody tr').nth(3).hover();
    await panel.show({ ...state, snapshot: { ...snapshot, operations: turned } });
    assert.deepEqual(await names(), before);
    await panel.page.getByRole('heading', { level: 1 }).hover();
    await panel.show({ ...state, snapshot: { ...snapshot, operations: turned } });
    assert.deepEqual(await names(), before.toReversed());
    await panel.close();
  });

  it('draws 200 operations, and all of them when asked', async () => {
    const panel = await stage.panel();
    for (let second = 30; second < 40; second += 1) await panel.show(states.crowded(second));
    const rows = panel.page.locator('.operations tbody tr');
    assert.equal(await rows.count(), 50);
    const few = median(await costs(panel));
    await panel.page.getByRole('button', { name: 'Show 150 more' }).click();
    assert.equal(await rows.count(), 200);
    for (let second = 40; second < 50; second += 1) await panel.show(states.crowded(second));
    const all = median((await costs(panel)).slice(-9));
    console.log(`      a frame costs ${few.toFixed(1)} ms with 50 rows, ${all.toFixed(1)} ms with 200 (median of 9)`);
    await panel.close();
  });
});

/** Milliseconds of each frame but the first, in which the charts are made. */
async function costs(panel: { posted(type: 'drawn'): Promise<{ readonly drawNs: number }[]> }): Promise<number[]> {
  return (await panel.posted('drawn')).slice(1).map(({ drawNs }) => drawNs / 1e6);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
