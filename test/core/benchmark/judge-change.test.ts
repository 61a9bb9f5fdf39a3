/** Measures the error rates of verdicts: false alarms, missed changes, and verdicts that the samples do not support. */
import { strict as assert } from 'node:assert';
import { judgeChange, pValueOf, type Samples, worstVerdict } from '../../../src/core/benchmark/judge-change.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';

const random = seededRandom(42);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Returns durations around a median, with log-normal noise of the given coefficient of variation. */
function samples(medianNs: number, variation: number, n: number): number[] {
  return Array.from({ length: n }, () => medianNs * Math.exp(variation * normal()));
}

function judge(before: readonly number[], after: readonly number[], changes: Partial<Samples> = {}) {
  const pair: Samples = { before, after, worse: 'more', limit: 1.2, timed: true, ...changes };
  return judgeChange(pair, pValueOf(pair));
}

describe('verdict on ten thousand pairs of identical distributions', () => {
  for (const variation of [0.01, 0.03, 0.08, 0.15, 0.3]) {
    it(`is a false alarm at most once in a hundred at ${100 * variation} % noise`, function () {
      this.timeout(60_000);
      let alarms = 0;
      let judged = 0;
      for (let trial = 0; trial < 2000; trial++) {
        const n = 10 + (trial % 3) * 10;
        const [before, after] = [samples(5e6, variation, n), samples(5e6, variation, n)];
        // An alarm requires a significant rank test, so the slower part of the judgement can be skipped otherwise.
        if (pValueOf({ before, after }) >= 0.01) continue;
        judged++;
        const { verdict } = judge(before, after);
        if (verdict === 'slower' || verdict === 'regressed' || verdict === 'improved') alarms++;
      }
      assert.ok(judged > 0, 'no rank test was significant, so no pair was judged');
      assert.ok(alarms <= 20, `${alarms} of 2000`);
    });
  }

  it('requires a significant rank test', () => {
    const [before, after] = [samples(5e6, 0.05, 10), samples(6e6, 0.05, 10)];
    assert.equal(judgeChange({ before, after, worse: 'more', limit: 1.2 }, 0.02).verdict === 'slower', false);
  });
});

describe('verdict on a real change', () => {
  it('detects 10 % more on an operation of 5 ms at 8 % noise in 30 runs, in 95 of 100 trials', function () {
    this.timeout(60_000);
    let detected = 0;
    for (let trial = 0; trial < 400; trial++) {
      const { verdict } = judge(samples(5e6, 0.08, 30), samples(5.5e6, 0.08, 30));
      if (verdict === 'slower' || verdict === 'regressed') detected++;
    }
    assert.ok(detected >= 380, `${detected} of 400`);
  });

  const cases: readonly [string, number, Partial<Samples>, string][] = [
    ['30 % more', 1.3, {}, 'regressed'],
    ['10 % more', 1.1, {}, 'slower'],
    ['20 % less', 0.8, {}, 'improved'],
    ['30 % less where less is worse', 0.7, { worse: 'less', limit: 0.8 }, 'regressed'],
    ['10 % less where less is worse', 0.9, { worse: 'less', limit: 0.8 }, 'slower'],
    ['20 % more where less is worse', 1.2, { worse: 'less', limit: 0.8 }, 'improved'],
    ['10 % more on a machine with a noise floor of 15 %', 1.1, { measuredFloor: 0.15 }, 'unchanged'],
    ['no change', 1, {}, 'unchanged'],
  ];
  for (const [change, ratio, options, verdict] of cases) {
    it(`is ${verdict} for ${change}, with a reason`, () => {
      const judgement = judge(samples(5e6, 0.02, 30), samples(5e6 * ratio, 0.02, 30), options);
      assert.equal(judgement.verdict, verdict, judgement.reason);
      assert.notEqual(judgement.reason, '');
      assert.ok(Number(judgement.minimumDetectable) >= judgement.noiseFloor);
    });
  }

  const insufficient: readonly [string, readonly number[], readonly number[], RegExp][] = [
    ['nine runs', samples(5e6, 0.01, 9), samples(9e6, 0.01, 30), /needs 10 runs/],
    ['noisy samples', samples(5e6, 0.4, 12), samples(5.4e6, 0.4, 12), /too noisy to detect a change below \d+/],
    ['durations below a microsecond', samples(400, 0.01, 30), samples(800, 0.01, 30), /too short for the clock/],
    ['a coarse clock', new Array(30).fill(1e6), new Array(30).fill(2e6), /too coarse/],
  ];
  for (const [cause, before, after, reason] of insufficient) {
    it(`is inconclusive because of ${cause}, with a reason`, () => {
      const judgement = judge(before, after);
      assert.equal(judgement.verdict, 'inconclusive');
      assert.match(judgement.reason, reason);
    });
  }

  it('is the worst of several verdicts and inconclusive for an empty list', () => {
    assert.equal(worstVerdict(['improved', 'regressed', 'unchanged']), 'regressed');
    assert.equal(worstVerdict(['improved', 'inconclusive', 'unchanged']), 'inconclusive');
    assert.equal(worstVerdict([]), 'inconclusive');
  });
});
