/** Checks what the history of a benchmark says about planted levels and declines. */
import { strict as assert } from 'node:assert';
import { findDeclines, historyCases, toHistoryRun } from '../../../src/core/benchmark/history.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { reportOf } from '../../fixtures/benchmark.ts';
import { plantedHistory } from '../../fixtures/compared.ts';

const random = seededRandom(8);

/** Returns the runs of a benchmark whose median has these values, with a little noise. */
function runsOf(levels: readonly number[]) {
  return levels.map((level) => {
    const samples = Array.from({ length: 12 }, () => 1e9 * level * (1 + 0.01 * (random() - 0.5)));
    return toHistoryRun(reportOf({ cold: samples }));
  });
}

describe('the history of a benchmark', () => {
  it('has a point for each run, with its commit, its branch and whether files had changed', () => {
    const [cold] = plantedHistory().cases;
    assert.equal(cold?.points.length, 24);
    const [first, second] = cold?.points ?? [];
    assert.deepEqual([first?.commit, first?.branch, first?.dirty, first?.n], ['0ac0ffee1', 'main', true, 20]);
    assert.deepEqual([second?.commit, second?.dirty, second?.verdict], ['0bc0ffee1', false, undefined]);
    assert.ok(Number(first?.low) < Number(first?.median) && Number(first?.median) < Number(first?.high));
    const [plain] = historyCases(runsOf([1]))[0]?.points ?? [];
    assert.ok(plain);
    assert.deepEqual(['commit' in plain, 'branch' in plain, plain.dirty], [false, false, false]);
  });

  it('marks where a new level begins, and by how much it differs', () => {
    const [cold] = plantedHistory().cases;
    const steps = (cold?.points ?? []).flatMap(({ step }, index) =>
      step === undefined ? [] : [[index, step] as const],
    );
    assert.equal(steps.length, 1);
    const [[index, step] = [0, 0]] = steps;
    assert.equal(index, 12);
    assert.ok(Math.abs(step - 0.25) < 0.03, `${step}`);
    assert.match(cold?.sentence ?? '', /The level changed once: \+2\d(\.\d)? % at 16c0ffee1\.$/);
    assert.match(plantedHistory(Array(24).fill(1)).cases[0]?.sentence ?? '', /^The level did not change\.$/);
  });

  it('says how many runs it needs', () => {
    const sentenceOf = (count: number) => historyCases(runsOf(Array(count).fill(1)))[0]?.sentence ?? '';
    assert.match(sentenceOf(1), /needs 10 runs; there is 1\.$/);
    assert.match(sentenceOf(9), /needs 10 runs; there are 9\.$/);
    assert.doesNotMatch(sentenceOf(10), /needs/);
  });

  it('reports a gradual slowdown, but neither a steady benchmark nor one that becomes faster', () => {
    const levels = (change: number) => Array.from({ length: 30 }, (_, index) => 1 + change * index);
    const declines = findDeclines(runsOf(levels(0.02)));
    assert.ok(declines.length > 0);
    for (const decline of declines) {
      assert.deepEqual([decline.type, decline.case], ['trend_decline', 'cold']);
      assert.match(decline.message, /^wall time \+\d+(\.\d)? % gradually over the last \d+ runs$/);
    }
    assert.match(historyCases(runsOf(levels(0.02)))[0]?.sentence ?? '', /^Gradual slowdown: \+\d/);
    assert.deepEqual(findDeclines(runsOf(levels(0))), []);
    assert.deepEqual(findDeclines(runsOf(levels(-0.01))), []);
  });
});
