import { strict as assert } from 'node:assert';
import { categories } from '../../../../src/pipelines/validation/check/categories.ts';
import { categoryScore, scoreOf, verdictOf } from '../../../../src/pipelines/validation/verdict/score.ts';
import type { CheckResult, CheckStatus, SkipReason } from '../../../../src/protocol/validation.ts';

function result(category: string, status: CheckStatus, more: Partial<CheckResult> = {}): CheckResult {
  const rest = { durationNs: 1, evidence: [], findings: [], remediation: [], hash: '' };
  return { id: 'X', category, severity: 'fatal', status, message: 'm.', ...rest, ...more };
}

const skipped = (skipReason: SkipReason): CheckResult => result('build', 'skip', { skipReason });
const plain = { weights: {}, renormalize: false };
const shared = { weights: {}, renormalize: true };
const limits = { minScore: 70, maxWarnings: 20 };
const verdict = (results: readonly CheckResult[], more = limits) => verdictOf(results, scoreOf(results, shared), more);

describe('the score', () => {
  const golden: readonly [passed: number, failed: number, warned: number, score: number | undefined][] = [
    [3, 1, 2, 71],
    [1, 0, 15, 80],
    [0, 0, 3, 94],
    [0, 3, 15, 0],
    [5, 0, 0, 100],
    [0, 0, 0, undefined],
  ];
  for (const [passed, failed, warned, score] of golden) {
    it(`of a category with ${passed} passed, ${failed} failed and ${warned} warned is ${score ?? 'none'}`, () => {
      assert.equal(categoryScore({ passed, failed, warned, skipped: 7 }), score);
    });
  }

  it('has weights that make up a whole', () => {
    assert.equal(categories.length, 8);
    assert.ok(Math.abs(categories.reduce((sum, { weight }) => sum + weight, 0) - 1) < 0.001);
  });

  const all = categories.map(({ id }) => result(id, 'pass'));

  it('loses the whole weight of a category that is absent, where weights stand as they are', () => {
    const without = all.filter(({ category }) => category !== 'generation');
    const { score, evaluated, categoriesTotal, renormalized } = scoreOf(without, plain);
    assert.deepEqual(
      { score, evaluated, categoriesTotal, renormalized },
      {
        score: 80,
        evaluated: 5,
        categoriesTotal: 6,
        renormalized: false,
      },
    );
    assert.equal(scoreOf(all, plain).score, 100);
    const few = all.filter(({ category }) => ['build', 'tests', 'generation'].includes(category));
    assert.equal(scoreOf(few, plain).score, 70);
  });

  it('is shared out over the categories that were evaluated, and says how many those are', () => {
    const some = [
      ...all.filter(({ category }) => category === 'build'),
      result('tests', 'fail'),
      result('safety', 'skip'),
    ];
    const { score, evaluated, categoriesTotal } = scoreOf(some, shared);
    assert.deepEqual([score, evaluated, categoriesTotal], [50, 2, 6]);
  });

  it('counts no category that only gates, unless it is given weight', () => {
    const results = [result('build', 'pass'), result('workspace', 'fail'), result('own', 'fail')];
    assert.equal(scoreOf(results, shared).score, 100);
    const weighed = scoreOf(results, { weights: { own: 0.25 }, renormalize: true });
    assert.deepEqual([weighed.score, weighed.evaluated, weighed.categoriesTotal], [50, 2, 7]);
    assert.equal(scoreOf([], shared).score, 0);
  });

  it('lists the categories that have a check, with their letters, counts and times', () => {
    const results = [result('tests', 'pass'), result('tests', 'skip'), result('tests', 'warn'), result('own', 'fail')];
    assert.deepEqual(scoreOf(results, shared).categories, [
      {
        ...{ id: 'tests', letter: 'E', title: 'Test truth', weight: 0.25, score: 98 },
        ...{ passed: 1, failed: 0, warned: 1, skipped: 1, durationNs: 3 },
      },
      { id: 'own', title: 'own', weight: 0, score: 0, passed: 0, failed: 1, warned: 0, skipped: 0, durationNs: 1 },
    ]);
  });
});

describe('the verdict', () => {
  it('is ready where nothing is against it', () => {
    assert.deepEqual(verdict([result('build', 'pass')]), { verdict: 'ready', runVerdict: 'pass', reasons: [] });
  });

  it('is not ready where a fatal check failed, whatever else is', () => {
    const found = verdict([result('build', 'pass'), result('safety', 'fail', { id: 'A' }), skipped('budget')]);
    assert.equal(found.verdict, 'not_ready');
    assert.equal(found.runVerdict, 'fail');
    assert.equal(found.reasons[0], 'A failed: m.');
    assert.equal(found.reasons.length, 2, 'also that one could not be made');
  });

  const reasons: readonly [SkipReason, boolean][] = [
    ['budget', true],
    ['tool_missing', true],
    ['crashed', true],
    ['dependency_failed', true],
    ['not_applicable', false],
    ['no_git', false],
    ['disabled', false],
  ];
  for (const [reason, open] of reasons) {
    it(`is ${open ? 'incomplete' : 'ready'} where a fatal check was skipped as ${reason}`, () => {
      const found = verdict([result('build', 'pass'), skipped(reason)]);
      assert.equal(found.verdict, open ? 'incomplete' : 'ready');
      assert.equal(found.runVerdict, open ? 'incomplete' : 'pass');
      assert.equal(found.reasons.length, open ? 1 : 0);
      const minor = { ...skipped(reason), severity: 'warning' as const };
      assert.equal(verdict([result('build', 'pass'), minor]).verdict, 'ready');
    });
  }

  it('is incomplete where nothing that has weight could be made', () => {
    assert.equal(verdict([result('workspace', 'pass'), skipped('not_applicable')]).verdict, 'incomplete');
    assert.equal(verdict([]).verdict, 'incomplete');
  });

  it('is a partial pass, so not ready, where the score is too low or the warnings are too many', () => {
    const minor = result('build', 'warn', { severity: 'warning' });
    const low = verdict([minor, minor, result('build', 'pass')], { minScore: 97, maxWarnings: 2 });
    assert.deepEqual([low.verdict, low.runVerdict], ['not_ready', 'partial_pass']);
    assert.deepEqual(low.reasons, ['The score is 96, and 97 is the least that this profile takes.']);
    assert.equal(verdict([minor, minor], { minScore: 96, maxWarnings: 2 }).verdict, 'ready');
    const many = verdict([minor, minor], { minScore: 96, maxWarnings: 1 });
    assert.deepEqual([many.verdict, many.runVerdict], ['not_ready', 'partial_pass']);
    assert.deepEqual(many.reasons, ['2 checks warn, and this profile takes 1 at most.']);
  });
});
