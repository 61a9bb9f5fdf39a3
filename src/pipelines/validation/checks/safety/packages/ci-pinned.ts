/** SAF_CI_PINNED: GitHub workflows reference third-party actions by commit, which cannot be moved like a tag. */
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { maxFindings, toEvidence } from '../scan/scan-findings.ts';

const workflowFile = /^\.github\/(?:workflows\/[^/]+\.ya?ml$|actions\/.*action\.ya?ml$)|^action\.ya?ml$/;

interface ActionUse {
  readonly target: string;
  readonly line: number;
}

export const ciPinned: Check = {
  id: 'SAF_CI_PINNED',
  category: 'safety',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'Third-party GitHub Actions are pinned to a commit',
  timeoutMs: 2000,
  lane: 'cheap',
  async run({ repository }) {
    const files = (await repository.files()).filter((file) => workflowFile.test(file));
    if (files.length === 0) return skip('not_applicable', 'No GitHub Actions workflows found.');
    const findings: Finding[] = [];
    let uses = 0;
    for (const file of files) {
      for (const { target, line } of findUses((await repository.text(file)) ?? '')) {
        uses++;
        const message = findProblem(target);
        if (message) findings.push({ file, line, message });
      }
    }
    const where = `${plural(uses, 'action')} in ${plural(files.length, 'workflow')}`;
    if (uses === 0) return pass(`No actions used in ${plural(files.length, 'workflow')}.`);
    if (findings.length === 0) return pass(`${where}: all are local or pinned to a commit.`);
    return fail(`${findings.length} of ${where} not pinned to a commit.`, {
      findings: findings.slice(0, maxFindings),
      evidence: toEvidence(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
      remediation: [
        {
          priority: 'medium',
          title: 'Pin each action to a commit',
          steps: [
            'Replace the tag by its commit, and keep the tag in a comment: `uses: owner/name@<commit> # v4`.',
            'Use a bot such as Dependabot or Renovate to keep the commits up to date.',
          ],
        },
      ],
    });
  },
};

/** Returns every `uses` of a step or job, with its line. */
function findUses(text: string): ActionUse[] {
  const lines = new LineCounter();
  const uses: ActionUse[] = [];
  visit(parseDocument(text, { lineCounter: lines, logLevel: 'silent' }), {
    Pair(_, { key, value }, path) {
      if (!isScalar(key) || key.value !== 'uses' || !isScalar(value) || typeof value.value !== 'string') return;
      // An input or environment variable can also be named `uses`.
      const outer = path.findLast((node) => typeof node === 'object' && 'key' in node);
      const name = outer && 'key' in outer && isScalar(outer.key) ? outer.key.value : undefined;
      if (name === 'with' || name === 'env' || name === 'inputs' || !isMap(path.at(-1))) return;
      uses.push({ target: value.value, line: lines.linePos(value.range?.[0] ?? 0).line });
    },
  });
  return uses;
}

function findProblem(target: string): string | undefined {
  // Actions in this repository are reviewed with it.
  if (/^(?:\.{0,2}|\$)\//.test(target)) return undefined;
  if (target.startsWith('docker://'))
    return /@sha256:[0-9a-f]{64}$/.test(target) ? undefined : `${target} is not pinned to a digest.`;
  const ref = /@([^@]+)$/.exec(target)?.[1];
  if (ref === undefined) return `${target} has no version.`;
  return /^[0-9a-f]{40}$/.test(ref) ? undefined : `${target} is pinned to a tag or branch instead of a commit.`;
}
