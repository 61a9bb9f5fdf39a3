/** SAF_SECRETS: no key, token or password stands in a text. What is said of one never holds it. */
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { sweepMs, sweepSecrets } from '../scan/scan-client.ts';
import { counted, evidenceOf, mostFindings } from '../scan/scan-findings.ts';

export const secrets: Check = {
  id: 'SAF_SECRETS',
  category: 'safety',
  severity: 'fatal',
  from: 'dev',
  title: 'No key, token or password stands in a text',
  timeoutMs: sweepMs,
  lane: 'cheap',
  async run(context) {
    const { places, texts, large } = await sweepSecrets(context);
    if (texts === 0) return skip('not_applicable', 'There is no text to look at.');
    const unread =
      large > 0 ? ` ${counted(large, 'file')} above 2 MB ${large === 1 ? 'was' : 'were'} not looked at.` : '';
    if (places.length === 0) return pass(`No secret in ${counted(texts, 'text')}.${unread}`);
    const files = new Set(places.map(({ file }) => file)).size;
    const lines = places.map(({ file, found }) => `${file}:${found.line} ${found.rule} (${found.length} characters)`);
    return fault(
      `${counted(places.length, 'secret')} in ${counted(files, 'file')} of ${counted(texts, 'text')}.${unread}`,
      {
        findings: places.slice(0, mostFindings).map(({ file, found }) => ({
          file,
          line: found.line,
          message: `${found.title} of ${found.length} characters`,
        })),
        evidence: evidenceOf(lines),
        remediation: [
          {
            priority: 'critical',
            title: 'Make the secrets worthless, then take them out',
            steps: [
              'Revoke each one where it was issued: what was committed is known to everyone who has a copy.',
              'Read it from the environment or a store of secrets instead.',
              'Remove it from the history as well if the history is shared (git filter-repo).',
            ],
          },
        ],
      },
    );
  },
};
