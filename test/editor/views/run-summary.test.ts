import { strict as assert } from 'node:assert';
import { runFields } from '../../../src/editor/log.ts';
import { componentText, lightLabels, resultText, statusBarText } from '../../../src/editor/views/run-summary.ts';
import type { Phase } from '../../../src/protocol/panel/panel-message.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('run summary', () => {
  const snapshot = snapshotAt(30);
  const status = { paused: false, problem: undefined, snapshot };

  it('shows rate, p95 and overhead while a pipeline runs', () => {
    assert.equal(statusBarText({ ...status, phase: 'running' }).text, '$(pulse) 39 /s · p95 7.5 ms · 0.4 % overhead');
  });

  const phases: readonly { what: string; phase: Phase; over?: object; text: string; tooltip: RegExp }[] = [
    { what: 'after a run', phase: 'idle', text: '$(pulse) Pipescope', tooltip: /Function-call detection/ },
    {
      what: 'before the first run',
      phase: 'idle',
      over: { snapshot: undefined },
      text: '$(pulse) Pipescope',
      tooltip: /panel/,
    },
    { what: 'while a run starts', phase: 'starting', text: '$(loading~spin) Starting', tooltip: /starting/ },
    {
      what: 'before the first numbers',
      phase: 'running',
      over: { snapshot: undefined },
      text: '$(pulse) Running',
      tooltip: /running/,
    },
    {
      what: 'while the live view is paused',
      phase: 'running',
      over: { paused: true },
      text: '$(debug-pause) Paused',
      tooltip: /the live view is paused/,
    },
    { what: 'while a run stops', phase: 'stopping', text: '$(loading~spin) Stopping', tooltip: /stopping/ },
    {
      what: 'after a failure',
      phase: 'failed',
      over: { problem: 'It broke.' },
      text: '$(warning) Pipescope',
      tooltip: /It broke\./,
    },
  ];
  for (const { what, phase, over = {}, text, tooltip } of phases) {
    it(`shows "${text}" ${what}`, () => {
      const shown = statusBarText({ ...status, ...over, phase });
      assert.equal(shown.text, text);
      assert.match(shown.tooltip, tooltip);
      assert.ok(shown.label.startsWith('Pipescope: '));
      assert.ok(!shown.label.includes('$('), 'the label for screen readers has no icons');
    });
  }

  it('shows the light of a component as text, never by color alone', () => {
    assert.equal(snapshot.components.length, 5);
    for (const component of snapshot.components) {
      assert.ok(componentText(component).startsWith(lightLabels[component.light]));
    }
    const [first] = snapshotAt(0).components;
    assert.equal(first && componentText(first), 'no data');
    assert.equal(first && componentText(first, 2.6e9), 'sampled · ~2.60 s self');
  });

  it('shows how a run ended, by its message if it has one', () => {
    const failed = snapshotAt(3, { result: 'error', message: 'Two workers ended.' });
    assert.equal(resultText(failed), 'Two workers ended.');
    assert.equal(resultText(snapshotAt(3, { result: 'success' })), 'Function-call detection: succeeded after 3.40 s.');
  });

  it('logs the fields of a run that other tools search for', () => {
    const line = runFields(snapshotAt(30, { result: 'success' }));
    const colors = [line['green_count'], line['yellow_count'], line['red_count']];
    assert.deepEqual(colors, [4, 1, 0]);
    assert.equal(line['duration_ms'], 30_400);
    assert.equal(line['total_components'], 5);
    assert.equal(line['total_functions'], 10);
    assert.ok(typeof line['cache_hit'] === 'number' && line['cache_hit'] > 0 && line['cache_hit'] < 1);
    assert.ok(!('cache_hit' in runFields(snapshotAt(0))), 'a run without a cache has no hit ratio');
  });
});
