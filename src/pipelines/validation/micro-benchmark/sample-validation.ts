/** A validation of a given size, to measure what is made of one: everything in it is true to shape, and nothing to life. */
import type { CheckResult, Validation } from '../../../protocol/validation.ts';
import { validationSchema } from '../../../protocol/validation.ts';
import { fault, pass } from '../check/check.ts';
import { resultOf } from '../run/check-result.ts';
import { evidenceBytes } from '../verdict/evidence.ts';
import { scoreOf, verdictOf } from '../verdict/score.ts';

const categories = ['workspace', 'build', 'tests', 'generation', 'safety'] as const;
const [minScore, maxWarnings] = [70, 20];

/** @param evidence characters of the one piece of evidence that each check has */
export function exampleOf(checks: number, evidence: number): Validation {
  const results = Array.from({ length: checks }, (_, index) => exampleResult(index, evidence));
  const all = results.flatMap((result) => result.evidence);
  const checksNs = results.reduce((sum, { durationNs }) => sum + durationNs, 0);
  const score = scoreOf(results, { weights: {}, renormalize: true });
  return {
    schema: validationSchema,
    workspace: '/example',
    profile: 'dev',
    mode: 'strict',
    parallel: { asked: 'auto', lanes: 3 },
    ...verdictOf(results, score, { minScore, maxWarnings }),
    ...score,
    minScore,
    maxWarnings,
    budgetMs: 5000,
    durationNs: checksNs / 2,
    checksNs,
    averageCheckNs: checksNs / checks,
    wallPerCheckNs: checksNs / 2 / checks,
    parallelEfficiency: 2 / 3,
    evidenceCount: all.length,
    evidenceBytes: evidenceBytes(all),
    startedAt: '2026-01-31T23:59:58.123Z',
    tools: {},
    checks: results,
    suggestions: [],
  };
}

function exampleResult(index: number, evidence: number): CheckResult {
  const file = `src/module${index}.ts`;
  const check = {
    id: `CHECK_${index}`,
    category: categories[index % categories.length] as string,
    severity: 'warning' as const,
  };
  const found = {
    findings: [{ file, line: index + 1, message: 'This is not as it should be.' }],
    evidence: [{ kind: 'file_content' as const, content: `${index} `.padEnd(evidence, 'x'), path: file }],
    remediation: [{ priority: 'medium' as const, title: `Mend ${file}`, steps: ['Open it.', 'Mend it.'] }],
  };
  const said = index % 7 === 0 ? fault('It has a fault.', found) : pass('It was read.', found);
  return resultOf(check, said, (index + 1) * 1e6);
}
