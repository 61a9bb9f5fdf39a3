/** SAF_PINNED: manifests do not request the latest version or code that can change without a new version. */
import { yieldToLoop } from '../../../../../process/yield-to-loop.ts';
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { listSome, maxFindings, toEvidence } from '../scan/scan-findings.ts';
import { type ManifestPins, manifestReaders } from './manifest-pins.ts';

const filesPerYield = 500;

export const pinned: Check = {
  id: 'SAF_PINNED',
  category: 'safety',
  severity: 'warning',
  minProfile: 'dev',
  title: 'Dependencies are pinned: no `*`, `latest`, branch or mutable tag',
  timeoutMs: 2000,
  lane: 'cheap',
  async run({ repository }) {
    const manifests: ManifestPins[] = [];
    const manifestFiles: string[] = [];
    for (const [index, file] of (await repository.files()).entries()) {
      if (index % filesPerYield === filesPerYield - 1) await yieldToLoop();
      const name = file.slice(file.lastIndexOf('/') + 1);
      const readManifest = manifestReaders.find(([pattern]) => pattern.test(name))?.[1];
      if (!readManifest || repository.isForeign(file) || repository.isTest(file)) continue;
      const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')));
      manifests.push(await readManifest(repository, file, folder));
      manifestFiles.push(file);
    }
    if (manifests.length === 0) return skip('not_applicable', 'No manifest with dependencies found.');
    const count = manifests.reduce((sum, { requirementCount }) => sum + requirementCount, 0);
    const findings = manifests.flatMap((manifest) => manifest.findings);
    const where = `${plural(count, 'dependency', 'dependencies')} in ${listSome(manifestFiles)}`;
    if (findings.length === 0) return pass(`${where}: all are pinned.`);
    return fail(`${findings.length} of ${where} not pinned.`, {
      findings: findings.slice(0, maxFindings),
      evidence: toEvidence(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
      remediation: [
        {
          priority: 'medium',
          title: 'Pin each dependency to a version, a commit, or a path inside the workspace',
          steps: [
            'Replace `*` and `latest` by a version range, and a branch by a commit.',
            'In requirements.txt, use `name==version`.',
          ],
        },
      ],
    });
  },
};
