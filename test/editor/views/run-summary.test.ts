import { strict as assert } from 'node:assert';
import { summaryOf } from '../../../src/editor/log.ts';
import { componentText, lightWords, resultOf, statusOf } from '../../../src/editor/views/run-summary.ts';
import type { Phase } from '../../../src/protocol/panel-message.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('summary', () => {
  const snapshot = snapshotAt(30);
  const known = { paused: false, problem: undefined, snapshot };

  it('says while it runs how fast, how long and at what cost', () => {
    assert.equal(statusOf({ ...known, phase: 'running' }).text, '$(pulse) 39 /s · p95 7.5 ms · 0.4 % overhead');
  });

  const phases: readonly { what: string; phase: Phase; over?: object; text: string; tooltip: RegExp }[] = [
    { what: 'after a run', phase: 'idle', text: '$(pulse) Pipescope', tooltip: /Function-call detection/ },
    { what: 'before any', phase: 'idle', over: { snapshot: undefined }, text: '$(pulse) Pipescope', tooltip: /panel/ },
    { what: 'while one starts', phase: 'starting', text: '$(loading~spin) Starting', tooltip: /starting/ },
    {
      what: 'before the first numbers',
      phase: 'running',
      over: { snapshot: undefined },
      text: '$(pulse) Running',
      tooltip: /running/,
    },
    {
      what: 'while it is paused',
      phase: 'running',
      over: { paused: true },
      text: '$(debug-pause) Paused',
      tooltip: /stands still/,
    },
    { what: 'while it stops', phase: 'stopping', text: '$(loading~spin) Stopping', tooltip: /stopped/ },
    {
      what: 'after a failure',
      phase: 'failed',
      over: { problem: 'It broke.' },
      text: '$(warning) Pipescope',
      tooltip: /It broke\./,
    },
  ];
  for (const { what, phase, over = {}, text, tooltip } of phases) {
    it(`says "${text}" ${what}`, () => {
      const status = statusOf({ ...known, ...over, phase });
      assert.equal(status.text, text);
      assert.match(status.tooltip, tooltip);
      assert.ok(status.label.startsWith('Pipescope: '));
      assert.ok(!status.label.includes('$('), 'a screen reader hears no icon');
    });
  }

  it('says the light of a component in a word, never by colour alone', () => {
    assert.equal(snapshot.components.length, 5);
    for (const component of snapshot.components) {
      assert.ok(componentText(component).startsWith(lightWords[component.light]));
    }
    const [first] = snapshotAt(0).components;
    assert.equal(first && componentText(first), 'no data');
    assert.equal(first && componentText(first, 2.6e9), 'sampled · ~2.60 s self');
  });

  it('tells how a run ended, in its own sentence where it has one', () => {
    const failed = snapshotAt(3, { result: 'error', message: 'Two workers ended.' });
    assert.equal(resultOf(failed), 'Two workers ended.');
    assert.equal(resultOf(snapshotAt(3, { result: 'success' })), 'Function-call detection: done after 3.40 s.');
  });

  it('writes for each run the fields that the log is searched for', () => {
    const line = summaryOf(snapshotAt(30, { result: 'success' }));
    const colours = [line['green_count'], line['yellow_count'], line['red_count']];
    assert.deepEqual(colours, [4, 1, 0]);
    assert.equal(line['duration_ms'], 30_400);
    assert.equal(line['total_components'], 5);
    assert.equal(line['total_functions'], 10);
    assert.ok(typeof line['cache_hit'] === 'number' && line['cache_hit'] > 0 && line['cache_hit'] < 1);
    assert.ok(!('cache_hit' in summaryOf(snapshotAt(0))), 'no cache is not a ratio of zero');
  });
});
