/** SAF_SECRETS: files contain no keys, tokens or passwords. The result never contains a secret itself. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import type { Repository } from '../../../repository/repository.ts';
import { type Located, scanSecrets, scanTimeoutMs } from '../scan/scan-client.ts';
import { describeAllowed, maxFindings, toEvidence } from '../scan/scan-findings.ts';
import { readAllowLists } from './allow-lists.ts';
import { isDevelopmentKey } from './development-key.ts';
import type { Secret } from './find-secrets.ts';

/** Adds what accepts each secret: a comment in the file, a list of another scanner, or its certificate. */
async function judge(repository: Repository, matches: readonly Located<Secret>[]): Promise<Located<Secret>[]> {
  if (matches.length === 0) return [];
  const acceptedBy = await readAllowLists(repository);
  return Promise.all(
    matches.map(async ({ file, match }) => {
      const isForDevelopment = match.rule === 'private_key' && (await isDevelopmentKey(repository, file));
      const name =
        match.allowedBy ??
        acceptedBy(file, match.line) ??
        (isForDevelopment ? 'certificate for development' : undefined);
      return { file, match: name === undefined ? match : { ...match, allowedBy: name } };
    }),
  );
}

export const secrets: Check = {
  id: 'SAF_SECRETS',
  category: 'safety',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No keys, tokens or passwords in files',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  async run(context) {
    const { matches: candidates, fileCount, largeFileCount } = await scanSecrets(context);
    if (fileCount === 0) return skip('not_applicable', 'No text files found.');
    const skipped = largeFileCount > 0 ? ` Skipped ${plural(largeFileCount, 'file')} larger than 2 MB.` : '';
    const judged = await judge(context.repository, candidates);
    const matches = judged.filter(({ match }) => match.allowedBy === undefined);
    const allowed = judged.filter(({ match }) => match.allowedBy !== undefined);
    const note = `${describeAllowed(allowed)}${skipped}`;
    const allowedLines = allowed.map(({ file, match }) => `${file}:${match.line} ${match.rule}: ${match.allowedBy}`);
    if (matches.length === 0) {
      return pass(`No secrets in ${plural(fileCount, 'file')}.${note}`, { evidence: toEvidence(allowedLines) });
    }
    const files = new Set(matches.map(({ file }) => file)).size;
    const lines = matches.map(({ file, match }) => `${file}:${match.line} ${match.rule} (${match.length} characters)`);
    return fail(`${plural(matches.length, 'secret')} in ${files} of ${plural(fileCount, 'file')}.${note}`, {
      findings: matches.slice(0, maxFindings).map(({ file, match }) => ({
        file,
        line: match.line,
        message: `${match.title} of ${match.length} characters`,
      })),
      evidence: toEvidence([...lines, ...allowedLines]),
      remediation: [
        {
          priority: 'critical',
          title: 'Revoke the secrets, then remove them',
          steps: [
            'Revoke each secret at its issuer, because everyone with a copy of the repository can read it.',
            'Read it from the environment or a secret store instead.',
            'If a value is not a secret, add the comment pipescope:allow to its line.',
            'If the Git history is shared, remove the secret from it too (git filter-repo).',
          ],
        },
      ],
    });
  },
};
