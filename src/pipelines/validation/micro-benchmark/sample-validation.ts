/** Synthetic validations of a given size, as input of micro-benchmarks. */
import type { CheckResult, Validation } from '../../../protocol/validation/validation.ts';
import { validationSchema } from '../../../protocol/validation/validation.ts';
import { fail, pass } from '../check/check.ts';
import { createCheckResult } from '../run/check-result.ts';
import { evidenceBytes } from '../verdict/evidence.ts';
import { computeScore, decideVerdict } from '../verdict/score.ts';

const categories = ['workspace', 'build', 'tests', 'generation', 'safety'] as const;
const [minScore, maxWarnings] = [70, 20];

/** @param evidence number of characters of each check's single item of evidence */
export function createSampleValidation(checks: number, evidence: number): Validation {
  const results = Array.from({ length: checks }, (_, index) => sampleResult(index, evidence));
  const all = results.flatMap((result) => result.evidence);
  const checksNs = results.reduce((sum, { durationNs }) => sum + durationNs, 0);
  const score = computeScore(results, { weights: {}, renormalize: true });
  return {
    schema: validationSchema,
    workspace: '/example',
    profile: 'dev',
    mode: 'strict',
    parallel: { asked: 'auto', lanes: 3 },
    ...decideVerdict(results, score, { minScore, maxWarnings }),
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

function sampleResult(index: number, evidence: number): CheckResult {
  const file = `src/module${index}.ts`;
  const check = {
    id: `CHECK_${index}`,
    category: categories[index % categories.length] as string,
    severity: 'warning' as const,
  };
  const details = {
    findings: [{ file, line: index + 1, message: 'Unexpected value.' }],
    evidence: [{ kind: 'file_content' as const, content: `${index} `.padEnd(evidence, 'x'), path: file }],
    remediation: [{ priority: 'medium' as const, title: `Fix ${file}`, steps: ['Open the file.', 'Fix it.'] }],
  };
  const outcome = index % 7 === 0 ? fail('Found a problem.', details) : pass('No problems.', details);
  return createCheckResult(check, outcome, { durationNs: (index + 1) * 1e6 });
}
