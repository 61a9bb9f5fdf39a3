import { strict as assert } from 'node:assert';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { detectTrend, findChangePoints } from '../../../src/core/statistics/trend.ts';

const random = seededRandom(8);
const noisy = (level: number, n: number): number[] =>
  Array.from({ length: n }, () => level * (1 + 0.02 * (random() - 0.5)));

describe('trend', () => {
  const cases: readonly [string, readonly number[], 'more' | 'less', boolean | undefined][] = [
    ['durations that rise gradually', [100, 104, 107, 111, 116], 'more', true],
    ['durations that fall', [116, 111, 107, 104, 100], 'more', false],
    ['throughput that falls gradually', [116, 111, 107, 104, 100], 'less', true],
    ['a rise of less than 10 %', [100, 101, 103, 105, 107], 'more', false],
    ['a single jump', [100, 100, 100, 100, 130], 'more', false],
    ['values that rise and fall', [100, 120, 99, 121, 98, 119, 115], 'more', false],
    ['four values', [100, 110, 120, 130], 'more', undefined],
    ['a rise that ended ten values ago', [1, 2, 4, 8, ...noisy(100, 10)], 'more', false],
  ];
  for (const [name, values, worse, declining] of cases) {
    it(`is ${declining ? '' : 'not '}a decline for ${name}`, () => {
      assert.equal(detectTrend(values, worse)?.declining, declining);
    });
  }

  it('is a decline for noise in at most 5 of 1000 trials', () => {
    let declines = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const values = Array.from({ length: 10 }, () => 100 * Math.exp(0.1 * (random() - 0.5)));
      if (detectTrend(values, 'more')?.declining) declines++;
    }
    assert.ok(declines <= 5, `${declines} of 1000`);
  });
});

describe('change points', () => {
  it('are at the changes of level and nowhere else', () => {
    assert.deepEqual(findChangePoints([...noisy(100, 15), ...noisy(120, 12), ...noisy(90, 14)]), [15, 27]);
    assert.deepEqual(findChangePoints(noisy(100, 60)), []);
    assert.deepEqual(findChangePoints([]), []);
  });

  it('are found in noise in at most 2 of 100 trials', () => {
    let changed = 0;
    for (let trial = 0; trial < 200; trial++) if (findChangePoints(noisy(100, 40)).length > 0) changed++;
    assert.ok(changed <= 4, `${changed} of 200`);
  });
});
