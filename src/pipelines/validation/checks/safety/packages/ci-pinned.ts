/** SAF_CI_PINNED: what a workflow of GitHub runs from others is named by a commit, which nobody can move. */
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { counted, evidenceOf, mostFindings } from '../scan/scan-findings.ts';

const workflow = /^\.github\/(?:workflows\/[^/]+\.ya?ml$|actions\/.*action\.ya?ml$)|^action\.ya?ml$/;

interface Use {
  readonly target: string;
  readonly line: number;
}

export const ciPinned: Check = {
  id: 'SAF_CI_PINNED',
  category: 'safety',
  severity: 'warning',
  from: 'enterprise',
  title: 'Workflows name the actions of others by commit',
  timeoutMs: 2000,
  lane: 'cheap',
  async run({ repository }) {
    const files = (await repository.files()).filter((file) => workflow.test(file));
    if (files.length === 0) return skip('not_applicable', 'There is no workflow of GitHub Actions.');
    const findings: Finding[] = [];
    let uses = 0;
    for (const file of files) {
      for (const { target, line } of usesIn((await repository.text(file)) ?? '')) {
        uses++;
        const message = faultOf(target);
        if (message) findings.push({ file, line, message });
      }
    }
    const where = `${counted(uses, 'action')} in ${counted(files.length, 'workflow')}`;
    if (uses === 0) return pass(`${counted(files.length, 'workflow')} use no action of others.`);
    if (findings.length === 0) return pass(`All of ${where} are named by commit or stand here.`);
    return fault(`${findings.length} of ${where} can be changed by others without a change here.`, {
      findings: findings.slice(0, mostFindings),
      evidence: evidenceOf(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
      remediation: [
        {
          priority: 'medium',
          title: 'Name each action by its commit',
          steps: [
            'Replace the tag by the commit that it stands for, and keep the tag in a comment: `uses: owner/name@<commit> # v4`.',
            'Let a bot such as Dependabot or Renovate keep them up to date.',
          ],
        },
      ],
    });
  },
};

/** Every `uses` of a step or a job, with its line. */
function usesIn(text: string): Use[] {
  const lines = new LineCounter();
  const uses: Use[] = [];
  visit(parseDocument(text, { lineCounter: lines, logLevel: 'silent' }), {
    Pair(_, { key, value }, path) {
      if (!isScalar(key) || key.value !== 'uses' || !isScalar(value) || typeof value.value !== 'string') return;
      // An input of an action may be named so too.
      const outer = path.findLast((node) => typeof node === 'object' && 'key' in node);
      const name = outer && 'key' in outer && isScalar(outer.key) ? outer.key.value : undefined;
      if (name === 'with' || name === 'env' || name === 'inputs' || !isMap(path.at(-1))) return;
      uses.push({ target: value.value, line: lines.linePos(value.range?.[0] ?? 0).line });
    },
  });
  return uses;
}

function faultOf(target: string): string | undefined {
  // What stands in this repository is reviewed with it.
  if (/^(?:\.{0,2}|\$)\//.test(target)) return undefined;
  if (target.startsWith('docker://'))
    return /@sha256:[0-9a-f]{64}$/.test(target) ? undefined : `${target} is named by a tag.`;
  const ref = /@([^@]+)$/.exec(target)?.[1];
  if (ref === undefined) return `${target} names no version.`;
  return /^[0-9a-f]{40}$/.test(ref) ? undefined : `${target} is named by a tag or branch.`;
}
