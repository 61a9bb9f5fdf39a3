/** SAF_PINNED: no manifest asks for whatever happens to be newest, or for code that can change under its name. */
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { turn } from '../../../locks/lock.ts';
import { counted, evidenceOf, mostFindings, some } from '../scan/scan-findings.ts';
import { type Looked, manifests } from './manifest-pins.ts';

/** Names between two turns of others. */
const stretch = 500;

export const pinned: Check = {
  id: 'SAF_PINNED',
  category: 'safety',
  severity: 'warning',
  from: 'dev',
  title: 'No manifest asks for whatever is newest or for code that can change under its name',
  timeoutMs: 2000,
  lane: 'cheap',
  async run({ repository }) {
    const looked: Looked[] = [];
    const seen: string[] = [];
    for (const [at, file] of (await repository.files()).entries()) {
      if (at % stretch === stretch - 1) await turn();
      const name = file.slice(file.lastIndexOf('/') + 1);
      const look = manifests.find(([pattern]) => pattern.test(name))?.[1];
      if (!look || repository.isForeign(file) || repository.isTest(file)) continue;
      looked.push(await look(repository, file, file.slice(0, Math.max(0, file.lastIndexOf('/')))));
      seen.push(file);
    }
    if (seen.length === 0) return skip('not_applicable', 'There is no manifest that asks for packages.');
    const wishes = looked.reduce((sum, one) => sum + one.wishes, 0);
    const findings = looked.flatMap((one) => one.findings);
    const where = `${counted(wishes, 'dependency', 'dependencies')} in ${some(seen)}`;
    if (findings.length === 0) return pass(`None of ${where} can change by itself.`);
    return fault(`${findings.length} of ${where} can change without a change here.`, {
      findings: findings.slice(0, mostFindings),
      evidence: evidenceOf(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
      remediation: [
        {
          priority: 'medium',
          title: 'Name a version, a commit or a place inside of the workspace',
          steps: ['Replace `*` and `latest` by a range, a branch by a commit, a bare requirement by `name==version`.'],
        },
      ],
    });
  },
};
