/** SAF_DEBUG: no debugging statements are left in the code. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { scanTimeoutMs } from '../scan/scan-client.ts';
import { countByTitle, describeAllowed, toEvidence, toEvidenceLines, toFindings } from '../scan/scan-findings.ts';
import { scanTopic } from './scan-topic.ts';

export const debug: Check = {
  id: 'SAF_DEBUG',
  category: 'safety',
  severity: 'warning',
  minProfile: 'dev',
  title: 'No leftover debugging statements',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  async run(context) {
    const { fileCount, matches, allowed } = await scanTopic(context, 'debug');
    if (fileCount === 0) return skip('not_applicable', 'No source files found.');
    if (matches.length === 0)
      return pass(`No leftover debugging statements in ${plural(fileCount, 'file')}.${describeAllowed(allowed)}`);
    return fail(
      `${plural(matches.length, 'leftover debugging statement')}: ${countByTitle(matches)}.${describeAllowed(allowed)}`,
      {
        findings: toFindings(matches),
        evidence: toEvidence(toEvidenceLines(matches)),
        remediation: [
          {
            priority: 'medium',
            title: 'Remove the debugging statements',
            steps: ['Open each finding and delete the statement.'],
          },
        ],
      },
    );
  },
};
