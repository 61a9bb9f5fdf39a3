import { strict as assert } from 'node:assert';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { changePoints, trendOf } from '../../../src/core/statistics/trend.ts';

const random = seededRandom(8);
const noisy = (level: number, n: number): number[] =>
  Array.from({ length: n }, () => level * (1 + 0.02 * (random() - 0.5)));

describe('trend', () => {
  const cases: readonly [string, readonly number[], 'more' | 'less', boolean | undefined][] = [
    ['times that grow step by step', [100, 104, 107, 111, 116], 'more', true],
    ['times that fall', [116, 111, 107, 104, 100], 'more', false],
    ['throughput that falls step by step', [116, 111, 107, 104, 100], 'less', true],
    ['a growth of less than a tenth', [100, 101, 103, 105, 107], 'more', false],
    ['one jump among even values', [100, 100, 100, 100, 130], 'more', false],
    ['values that go up and down', [100, 120, 99, 121, 98, 119, 115], 'more', false],
    ['four values', [100, 110, 120, 130], 'more', undefined],
    ['growth that ended ten values ago', [1, 2, 4, 8, ...noisy(100, 10)], 'more', false],
  ];
  for (const [what, values, worse, declining] of cases) {
    it(`${declining ? 'calls' : 'does not call'} ${what} a decline`, () => {
      assert.equal(trendOf(values, worse)?.declining, declining);
    });
  }

  it('hardly ever finds a decline in noise', () => {
    let found = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const values = Array.from({ length: 10 }, () => 100 * Math.exp(0.1 * (random() - 0.5)));
      if (trendOf(values, 'more')?.declining) found++;
    }
    assert.ok(found <= 5, `${found} of 1000`);
  });
});

describe('change points', () => {
  it('stand where the level changes, and nowhere else', () => {
    assert.deepEqual(changePoints([...noisy(100, 15), ...noisy(120, 12), ...noisy(90, 14)]), [15, 27]);
    assert.deepEqual(changePoints(noisy(100, 60)), []);
    assert.deepEqual(changePoints([]), []);
  });

  it('are not found in noise but once in a hundred', () => {
    let found = 0;
    for (let trial = 0; trial < 200; trial++) if (changePoints(noisy(100, 40)).length > 0) found++;
    assert.ok(found <= 4, `${found} of 200`);
  });
});
