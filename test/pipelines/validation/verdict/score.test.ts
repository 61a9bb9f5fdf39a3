import { strict as assert } from 'node:assert';
import { categories } from '../../../../src/pipelines/validation/check/categories.ts';
import { categoryScore, computeScore, decideVerdict } from '../../../../src/pipelines/validation/verdict/score.ts';
import type { CheckResult, CheckStatus, SkipReason } from '../../../../src/protocol/validation/validation.ts';

function result(category: string, status: CheckStatus, more: Partial<CheckResult> = {}): CheckResult {
  const rest = { durationNs: 1, evidence: [], findings: [], remediation: [], hash: '' };
  return { id: 'X', category, severity: 'fatal', status, message: 'm.', ...rest, ...more };
}

const skipped = (skipReason: SkipReason): CheckResult => result('build', 'skip', { skipReason });
const withoutRenormalization = { weights: {}, renormalize: false };
const withRenormalization = { weights: {}, renormalize: true };
const limits = { minScore: 70, maxWarnings: 20 };
const verdict = (results: readonly CheckResult[], more = limits) =>
  decideVerdict(results, computeScore(results, withRenormalization), more);

describe('score', () => {
  const golden: readonly [passed: number, failed: number, warned: number, score: number | undefined][] = [
    [3, 1, 2, 71],
    [1, 0, 15, 80],
    [0, 0, 3, 94],
    [0, 3, 15, 0],
    [5, 0, 0, 100],
    [0, 0, 0, undefined],
  ];
  for (const [passed, failed, warned, score] of golden) {
    it(`is ${score ?? 'undefined'} for ${passed} passed, ${failed} failed and ${warned} warned checks`, () => {
      assert.equal(categoryScore({ passed, failed, warned, skipped: 7 }), score);
    });
  }

  it('uses built-in weights that sum to 1', () => {
    assert.equal(categories.length, 8);
    assert.ok(Math.abs(categories.reduce((sum, { weight }) => sum + weight, 0) - 1) < 0.001);
  });

  const all = categories.map(({ id }) => result(id, 'pass'));

  it('loses the weight of a missing category without renormalization', () => {
    const without = all.filter(({ category }) => category !== 'generation');
    const { score, evaluated, categoriesTotal, renormalized } = computeScore(without, withoutRenormalization);
    assert.deepEqual(
      { score, evaluated, categoriesTotal, renormalized },
      {
        score: 80,
        evaluated: 5,
        categoriesTotal: 6,
        renormalized: false,
      },
    );
    assert.equal(computeScore(all, withoutRenormalization).score, 100);
    const few = all.filter(({ category }) => ['build', 'tests', 'generation'].includes(category));
    assert.equal(computeScore(few, withoutRenormalization).score, 70);
  });

  it('grants the weight of a category that does not apply, so that a workspace without generators can be ready', () => {
    const without = all.filter(({ category }) => category !== 'generation');
    const absent = [result('generation', 'skip', { skipReason: 'not_applicable' })];
    const unknown = [...absent, result('generation', 'skip', { skipReason: 'tool_missing' })];
    const granted = computeScore([...without, ...absent], withoutRenormalization);
    assert.equal(granted.score, 100);
    assert.deepEqual([granted.evaluated, granted.categoriesTotal], [5, 6], 'it does not count as evaluated');
    assert.equal(granted.categories.find(({ id }) => id === 'generation')?.notApplicable, true);
    assert.equal(computeScore([...without, ...unknown], withoutRenormalization).score, 80, 'a missing tool costs it');
    assert.equal(computeScore([...without, ...absent], withRenormalization).score, 100);
    const enterprise = { minScore: 90, maxWarnings: 5 };
    assert.equal(decideVerdict([...without, ...absent], granted, enterprise).verdict, 'ready');
  });

  it('distributes the weights over evaluated categories with renormalization', () => {
    const some = [
      ...all.filter(({ category }) => category === 'build'),
      result('tests', 'fail'),
      result('safety', 'skip'),
    ];
    const { score, evaluated, categoriesTotal } = computeScore(some, withRenormalization);
    assert.deepEqual([score, evaluated, categoriesTotal], [50, 2, 6]);
  });

  it('ignores categories without weight', () => {
    const results = [result('build', 'pass'), result('workspace', 'fail'), result('own', 'fail')];
    assert.equal(computeScore(results, withRenormalization).score, 100);
    const weighted = computeScore(results, { weights: { own: 0.25 }, renormalize: true });
    assert.deepEqual([weighted.score, weighted.evaluated, weighted.categoriesTotal], [50, 2, 7]);
    assert.equal(computeScore([], withRenormalization).score, 0);
  });

  it('lists the categories that have a check, with letters, counts and durations', () => {
    const results = [result('tests', 'pass'), result('tests', 'skip'), result('tests', 'warn'), result('own', 'fail')];
    assert.deepEqual(computeScore(results, withRenormalization).categories, [
      {
        ...{ id: 'tests', letter: 'E', title: 'Test truth', weight: 0.25, score: 98 },
        ...{ passed: 1, failed: 0, warned: 1, skipped: 1, durationNs: 3 },
      },
      { id: 'own', title: 'own', weight: 0, score: 0, passed: 0, failed: 1, warned: 0, skipped: 0, durationNs: 1 },
    ]);
  });
});

describe('verdict', () => {
  it('is ready if all checks pass', () => {
    assert.deepEqual(verdict([result('build', 'pass')]), { verdict: 'ready', runVerdict: 'pass', reasons: [] });
  });

  it('is not ready if a fatal check failed, even if another did not run', () => {
    const decision = verdict([result('build', 'pass'), result('safety', 'fail', { id: 'A' }), skipped('budget')]);
    assert.equal(decision.verdict, 'not_ready');
    assert.equal(decision.runVerdict, 'fail');
    assert.equal(decision.reasons[0], 'A failed: m.');
    assert.equal(decision.reasons.length, 2, 'it also mentions the check that did not run');
  });

  const reasons: readonly [SkipReason, boolean][] = [
    ['budget', true],
    ['timeout', true],
    ['tool_missing', true],
    ['crashed', true],
    ['dependency_failed', true],
    ['not_applicable', false],
    ['no_git', false],
    ['disabled', false],
  ];
  for (const [reason, isIncomplete] of reasons) {
    it(`is ${isIncomplete ? 'incomplete' : 'ready'} if a fatal check was skipped as ${reason}`, () => {
      const decision = verdict([result('build', 'pass'), skipped(reason)]);
      assert.equal(decision.verdict, isIncomplete ? 'incomplete' : 'ready');
      assert.equal(decision.runVerdict, isIncomplete ? 'incomplete' : 'pass');
      assert.equal(decision.reasons.length, isIncomplete ? 1 : 0);
      const minor = { ...skipped(reason), severity: 'warning' as const };
      assert.equal(verdict([result('build', 'pass'), minor]).verdict, 'ready');
    });
  }

  it('is incomplete if no check in a weighted category was evaluated', () => {
    assert.equal(verdict([result('workspace', 'pass'), skipped('not_applicable')]).verdict, 'incomplete');
    assert.equal(verdict([]).verdict, 'incomplete');
  });

  it('is a partial pass if the score is too low or there are too many warnings', () => {
    const minor = result('build', 'warn', { severity: 'warning' });
    const low = verdict([minor, minor, result('build', 'pass')], { minScore: 97, maxWarnings: 2 });
    assert.deepEqual([low.verdict, low.runVerdict], ['not_ready', 'partial_pass']);
    assert.deepEqual(low.reasons, ['The score is 96; the profile requires at least 97.']);
    assert.equal(verdict([minor, minor], { minScore: 96, maxWarnings: 2 }).verdict, 'ready');
    const many = verdict([minor, minor], { minScore: 96, maxWarnings: 1 });
    assert.deepEqual([many.verdict, many.runVerdict], ['not_ready', 'partial_pass']);
    assert.deepEqual(many.reasons, ['2 checks warned; the profile allows at most 1.']);
  });
});
