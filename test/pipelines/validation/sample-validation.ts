/** Creates sample validations from given results, with hashes, counts and scores computed by the real code. */
import { checkHash } from '../../../src/pipelines/validation/verdict/check-hash.ts';
import { createEvidence, evidenceBytes } from '../../../src/pipelines/validation/verdict/evidence.ts';
import { computeScore } from '../../../src/pipelines/validation/verdict/score.ts';
import type { CheckResult, Evidence, Validation } from '../../../src/protocol/validation/validation.ts';

export type SampleResult = Partial<Omit<CheckResult, 'evidence' | 'hash'>> &
  Pick<CheckResult, 'id'> & { readonly evidence?: readonly Partial<Evidence>[] };

export function createSampleResult(sample: SampleResult): CheckResult {
  const evidence = (sample.evidence ?? []).map((item) =>
    createEvidence({ kind: 'command_output', content: '', ...item }),
  );
  const result = {
    category: 'build',
    severity: 'warning' as const,
    status: 'pass' as const,
    message: 'Passed.',
    durationNs: 1e6,
    findings: [],
    remediation: [],
    ...sample,
    evidence,
  };
  return { ...result, hash: checkHash(result) };
}

export function createSample(results: readonly SampleResult[], more: Partial<Validation> = {}): Validation {
  const checks = results.map(createSampleResult);
  const evidence = checks.flatMap((check) => check.evidence);
  const checksNs = checks.reduce((sum, { durationNs }) => sum + durationNs, 0);
  const durationNs = Math.ceil(checksNs / 2);
  return {
    schema: 'pipescope-validation/1',
    workspace: '/home/someone/shop',
    profile: 'dev',
    mode: 'strict',
    parallel: { asked: 'auto', lanes: 2 },
    verdict: 'ready',
    runVerdict: 'pass',
    reasons: [],
    ...computeScore(checks, { weights: {}, renormalize: true }),
    minScore: 70,
    maxWarnings: 20,
    budgetMs: 5000,
    durationNs,
    checksNs,
    averageCheckNs: checks.length === 0 ? 0 : checksNs / checks.length,
    wallPerCheckNs: checks.length === 0 ? 0 : durationNs / checks.length,
    parallelEfficiency: durationNs === 0 ? 0 : checksNs / (durationNs * 3),
    evidenceCount: evidence.length,
    evidenceBytes: evidenceBytes(evidence),
    startedAt: '2026-01-31T23:59:58.123Z',
    git: { commit: '1234567890abcdef1234567890abcdef12345678', branch: 'main' },
    tools: { tsc: '7.0.2' },
    checks,
    suggestions: [],
    ...more,
  };
}

/** One check of each status, in two built-in categories and a custom one. */
export const mixed: readonly SampleResult[] = [
  {
    id: 'WS_GIT_CLEAN',
    category: 'workspace',
    severity: 'info',
    message: '1 file differs from the last commit.',
    findings: [{ file: 'src/a.ts', message: 'differs' }],
    evidence: [{ content: ' M src/a.ts\n' }],
  },
  {
    id: 'BLD_TYPECHECK',
    severity: 'fatal',
    status: 'fail',
    message: '2 errors in 1 file.',
    durationNs: 1.5e9,
    findings: [
      { file: 'src/a.ts', line: 3, message: "Cannot find name 'b'." },
      { file: 'src/a.ts', line: 9, message: 'é is not a number.' },
    ],
    evidence: [
      { content: "src/a.ts(3,1): error TS2304: Cannot find name 'b'.\n" },
      { kind: 'file_content', content: 'b();', path: 'src/a.ts', line: 3 },
    ],
    remediation: [
      {
        priority: 'critical',
        title: 'Fix the types',
        steps: ['Open src/a.ts.', 'Name b.'],
        command: ['npx', 'tsc', '-b'],
      },
    ],
  },
  { id: 'BLD_LINT', status: 'warn', message: '1 warning.', durationNs: 2e8 },
  {
    id: 'BLD_FORMAT',
    status: 'skip',
    skipReason: 'tool_missing',
    message: 'No formatter is installed.',
    durationNs: 0,
  },
  { id: 'OWN', category: 'Our own', message: 'Fine.', durationNs: 3e6 },
];
