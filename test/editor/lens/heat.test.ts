import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { heatLevel, heatLevels, heatOf, sampleCount } from '../../../src/editor/lens/heat.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('heat', () => {
  it('rises from 0 to 1 with the share of the time', () => {
    const ns = fc.double({ min: 0, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(ns, ns, ns, (a, b, all) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        assert.ok(heatOf(low, all) <= heatOf(high, all));
        assert.ok(heatOf(high, all) >= 0 && heatOf(high, all) <= 1);
      }),
    );
    assert.deepEqual([heatOf(0, 10), heatOf(1, 4), heatOf(9, 9), heatOf(1, 0)], [0, 0.5, 1, 0]);
  });

  it('has three levels in ascending order', () => {
    const levels = Array.from({ length: 101 }, (_, index) => heatLevels.indexOf(heatLevel(index / 100)));
    assert.deepEqual([...new Set(levels)], [0, 1, 2]);
    assert.deepEqual([...levels].sort(), levels);
  });

  it('has a color for each level in each kind of theme', () => {
    const { contributes } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      contributes: { colors: readonly { id: string; description: string; defaults: Record<string, string> }[] };
    };
    assert.deepEqual(
      contributes.colors.map(({ id }) => id),
      heatLevels.map((heat) => `pipescope.heat.${heat}`),
    );
    for (const { description, defaults } of contributes.colors) {
      assert.match(description, /^[A-Z].*\.$/);
      assert.deepEqual(Object.keys(defaults), ['dark', 'light', 'highContrast', 'highContrastLight']);
      for (const value of Object.values(defaults)) assert.match(value, /^#[0-9A-F]{6}([0-9A-F]{2})?$/);
    }
  });

  it('counts the samples of a run once, although each counts for several functions', () => {
    const snapshot = snapshotAt(30);
    assert.equal(sampleCount(snapshot), 0);
    const [first] = snapshot.operations;
    assert.ok(first);
    const sampled = (samples: number, selfNs: number, totalNs: number) =>
      ({ ...first, count: 0, source: 'sampled', samples, selfNs, totalNs }) as const;
    // One sample stands for 1 ms: main was on the stack in all 70 samples, and 20 of them were taken in main itself.
    const operations = [sampled(70, 20e6, 70e6), sampled(50, 50e6, 50e6)];
    assert.equal(sampleCount({ operations }), 70);
  });
});
