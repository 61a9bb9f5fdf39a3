/** SAF_SECRETS: files contain no keys, tokens or passwords. The result never contains a secret itself. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { scanSecrets, scanTimeoutMs } from '../scan/scan-client.ts';
import { maxFindings, toEvidence } from '../scan/scan-findings.ts';

export const secrets: Check = {
  id: 'SAF_SECRETS',
  category: 'safety',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No keys, tokens or passwords in files',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  async run(context) {
    const { matches, fileCount, largeFileCount } = await scanSecrets(context);
    if (fileCount === 0) return skip('not_applicable', 'No text files found.');
    const skipped = largeFileCount > 0 ? ` Skipped ${plural(largeFileCount, 'file')} larger than 2 MB.` : '';
    if (matches.length === 0) return pass(`No secrets in ${plural(fileCount, 'file')}.${skipped}`);
    const files = new Set(matches.map(({ file }) => file)).size;
    const lines = matches.map(({ file, match }) => `${file}:${match.line} ${match.rule} (${match.length} characters)`);
    return fail(`${plural(matches.length, 'secret')} in ${files} of ${plural(fileCount, 'file')}.${skipped}`, {
      findings: matches.slice(0, maxFindings).map(({ file, match }) => ({
        file,
        line: match.line,
        message: `${match.title} of ${match.length} characters`,
      })),
      evidence: toEvidence(lines),
      remediation: [
        {
          priority: 'critical',
          title: 'Revoke the secrets, then remove them',
          steps: [
            'Revoke each secret at its issuer, because everyone with a copy of the repository can read it.',
            'Read it from the environment or a secret store instead.',
            'If the Git history is shared, remove the secret from it too (git filter-repo).',
          ],
        },
      ],
    });
  },
};
