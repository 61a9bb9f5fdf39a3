/** A validation as the engine makes one, of results that a test names: hashed, counted and scored by the real parts. */

import { checkHash } from '../../../src/pipelines/validation/bundle/receipt.ts';
import { evidenceBytes, evidenceOf } from '../../../src/pipelines/validation/verdict/evidence.ts';
import { scoreOf } from '../../../src/pipelines/validation/verdict/score.ts';
import type { CheckResult, Evidence, Validation } from '../../../src/protocol/validation.ts';

export type Told = Partial<Omit<CheckResult, 'evidence' | 'hash'>> &
  Pick<CheckResult, 'id'> & { readonly evidence?: readonly Partial<Evidence>[] };

export function resultOf(told: Told): CheckResult {
  const evidence = (told.evidence ?? []).map((one) => evidenceOf({ kind: 'command_output', content: '', ...one }));
  const result = {
    category: 'build',
    severity: 'warning' as const,
    status: 'pass' as const,
    message: 'All is well.',
    durationNs: 1e6,
    findings: [],
    remediation: [],
    ...told,
    evidence,
  };
  return { ...result, hash: checkHash(result) };
}

export function validationOf(told: readonly Told[], more: Partial<Validation> = {}): Validation {
  const checks = told.map(resultOf);
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
    ...scoreOf(checks, { weights: {}, renormalize: true }),
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

/** One of each: passed with findings, failed, warned and skipped, in two categories and a user's own. */
export const mixed: readonly Told[] = [
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
      { file: 'src/a.ts', line: 9, message: 'é is no number.' },
    ],
    evidence: [
      { content: "src/a.ts(3,1): error TS2304: Cannot find name 'b'.\n" },
      { kind: 'file_content', content: 'b();', path: 'src/a.ts', line: 3 },
    ],
    remediation: [
      {
        priority: 'critical',
        title: 'Mend the types',
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
