/** Holds the verdict to what it promises: hardly ever a false alarm, hardly ever a miss, and no word where it cannot tell. */
import { strict as assert } from 'node:assert';
import { answer, pOf, type Question, worstOf } from '../../../src/core/benchmark/judge-change.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';

const random = seededRandom(42);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Durations around a median with log-normal noise of a coefficient of variation. */
function samples(medianNs: number, variation: number, n: number): number[] {
  return Array.from({ length: n }, () => medianNs * Math.exp(variation * normal()));
}

function ask(before: readonly number[], after: readonly number[], more: Partial<Question> = {}) {
  const question: Question = { before, after, worse: 'more', limit: 1.2, timed: true, ...more };
  return answer(question, pOf(question));
}

describe('the verdict of ten thousand comparisons of the same with the same', () => {
  for (const variation of [0.01, 0.03, 0.08, 0.15, 0.3]) {
    it(`is a false alarm at most once in a hundred at ${100 * variation} % of noise`, function () {
      this.timeout(60_000);
      let alarms = 0;
      let said = 0;
      for (let trial = 0; trial < 2000; trial++) {
        const n = 10 + (trial % 3) * 10;
        const [before, after] = [samples(5e6, variation, n), samples(5e6, variation, n)];
        // Where the rank test finds nothing no alarm is possible: the rest, which takes longer, need not be worked out.
        if (pOf({ before, after }) >= 0.01) continue;
        said++;
        const { verdict } = ask(before, after);
        if (verdict === 'slower' || verdict === 'regressed' || verdict === 'improved') alarms++;
      }
      assert.ok(said > 0, 'the rank test never found anything: nothing was tried');

      assert.ok(alarms <= 20, `${alarms} of 2000`);
    });
  }

  it('needs what the rank test finds', () => {
    const [before, after] = [samples(5e6, 0.05, 10), samples(6e6, 0.05, 10)];
    assert.equal(answer({ before, after, worse: 'more', limit: 1.2 }, 0.02).verdict === 'slower', false);
  });
});

describe('the verdict on a change that is there', () => {
  it('finds 10 % more on an operation of 5 ms at 8 % of noise in 30 runs, 95 times of 100', function () {
    this.timeout(60_000);
    let found = 0;
    for (let trial = 0; trial < 400; trial++) {
      const { verdict } = ask(samples(5e6, 0.08, 30), samples(5.5e6, 0.08, 30));
      if (verdict === 'slower' || verdict === 'regressed') found++;
    }
    assert.ok(found >= 380, `${found} of 400`);
  });

  const cases: readonly [string, number, Partial<Question>, string][] = [
    ['30 % more', 1.3, {}, 'regressed'],
    ['10 % more', 1.1, {}, 'slower'],
    ['20 % less', 0.8, {}, 'improved'],
    ['30 % less of what should be much', 0.7, { worse: 'less', limit: 0.8 }, 'regressed'],
    ['10 % less of what should be much', 0.9, { worse: 'less', limit: 0.8 }, 'slower'],
    ['20 % more of what should be much', 1.2, { worse: 'less', limit: 0.8 }, 'improved'],
    ['10 % more where the same differs by 15 % on this machine', 1.1, { measuredFloor: 0.15 }, 'unchanged'],
    ['the same', 1, {}, 'unchanged'],
  ];
  for (const [what, ratio, more, verdict] of cases) {
    it(`calls ${what} ${verdict}, and says why`, () => {
      const found = ask(samples(5e6, 0.02, 30), samples(5e6 * ratio, 0.02, 30), more);
      assert.equal(found.verdict, verdict, found.reason);
      assert.notEqual(found.reason, '');
      assert.ok(found.minimumDetectable >= found.noiseFloor);
    });
  }

  const silent: readonly [string, readonly number[], readonly number[], RegExp][] = [
    ['nine runs', samples(5e6, 0.01, 9), samples(9e6, 0.01, 30), /needs 10 runs/],
    ['noise', samples(5e6, 0.4, 12), samples(5.4e6, 0.4, 12), /too noisy: only a change above \d+/],
    ['times under a microsecond', samples(400, 0.01, 30), samples(800, 0.01, 30), /too short for the clock/],
    ['times of few ticks', new Array(30).fill(1e6), new Array(30).fill(2e6), /too coarse/],
  ];
  for (const [what, before, after, reason] of silent) {
    it(`says that it cannot tell from ${what}`, () => {
      const found = ask(before, after);
      assert.equal(found.verdict, 'inconclusive');
      assert.match(found.reason, reason);
    });
  }

  it('is the worst of several, and inconclusive of none', () => {
    assert.equal(worstOf(['improved', 'regressed', 'unchanged']), 'regressed');
    assert.equal(worstOf(['improved', 'inconclusive', 'unchanged']), 'inconclusive');
    assert.equal(worstOf([]), 'inconclusive');
  });
});
