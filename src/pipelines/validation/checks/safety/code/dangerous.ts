/** SAF_DANGEROUS: no calls that can run arbitrary code or bypass memory safety. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { scanTimeoutMs } from '../scan/scan-client.ts';
import { countByTitle, describeAllowed, toEvidence, toEvidenceLines, toFindings } from '../scan/scan-findings.ts';
import { scanTopic } from './scan-topic.ts';

export const dangerous: Check = {
  id: 'SAF_DANGEROUS',
  category: 'safety',
  severity: 'warning',
  minProfile: 'ci',
  title: 'No dangerous calls: dynamic code, unsafe deserialization, shell commands, or undocumented unsafe blocks',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  async run(context) {
    const { fileCount, matches, allowed } = await scanTopic(context, 'danger');
    if (fileCount === 0) return skip('not_applicable', 'No source files found.');
    if (matches.length === 0)
      return pass(`No dangerous calls in ${plural(fileCount, 'file')}.${describeAllowed(allowed)}`);
    const files = new Set(matches.map(({ file }) => file)).size;
    return fail(
      `${plural(matches.length, 'dangerous call')} in ${plural(files, 'file')}: ${countByTitle(matches)}.${describeAllowed(allowed)}`,
      {
        findings: toFindings(matches),
        evidence: toEvidence(toEvidenceLines(matches)),
        remediation: [
          {
            priority: 'medium',
            title: 'Replace the dangerous calls, or document why they are safe',
            steps: [
              'Make sure that no external input reaches the call.',
              'Use a safe alternative: JSON instead of pickle, yaml.safe_load, or a list of arguments instead of a shell.',
              'Explain each unsafe block in a comment that starts with SAFETY.',
            ],
          },
        ],
      },
    );
  },
};
