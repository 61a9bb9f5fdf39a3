import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { heatOf, heats, looksOf, warmth } from '../../../src/editor/lens/heat.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('heat', () => {
  it('rises with the share, from 0 to 1, whatever the times are', () => {
    const ns = fc.double({ min: 0, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(ns, ns, ns, (a, b, all) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        assert.ok(warmth(low, all) <= warmth(high, all));
        assert.ok(warmth(high, all) >= 0 && warmth(high, all) <= 1);
      }),
    );
    assert.deepEqual([warmth(0, 10), warmth(1, 4), warmth(9, 9), warmth(1, 0)], [0, 0.5, 1, 0]);
  });

  it('has each of its levels, the hotter the higher', () => {
    const seen = Array.from({ length: 101 }, (_, index) => heats.indexOf(heatOf(index / 100)));
    assert.deepEqual([...new Set(seen)], [0, 1, 2]);
    assert.deepEqual([...seen].sort(), seen);
  });

  it('has a colour for each level, in each kind of theme', () => {
    const { contributes } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      contributes: { colors: readonly { id: string; description: string; defaults: Record<string, string> }[] };
    };
    assert.deepEqual(
      contributes.colors.map(({ id }) => id),
      heats.map((heat) => `pipescope.heat.${heat}`),
    );
    for (const { description, defaults } of contributes.colors) {
      assert.match(description, /^[A-Z].*\.$/);
      assert.deepEqual(Object.keys(defaults), ['dark', 'light', 'highContrast', 'highContrastLight']);
      for (const value of Object.values(defaults)) assert.match(value, /^#[0-9A-F]{6}([0-9A-F]{2})?$/);
    }
  });

  it('counts the looks that sampled functions share, and none where nothing was sampled', () => {
    const snapshot = snapshotAt(30);
    assert.equal(looksOf(snapshot), 0);
    const [first] = snapshot.operations;
    assert.ok(first);
    const sampled = (samples: number, selfNs: number, totalNs: number) =>
      ({ ...first, count: 0, source: 'sampled', samples, selfNs, totalNs }) as const;
    // 1 ms a look: 70 looks had main at the bottom, 20 of them ended in it.
    const operations = [sampled(70, 20e6, 70e6), sampled(50, 50e6, 50e6)];
    assert.equal(looksOf({ operations }), 70);
  });
});
