/** SAF_BIDI: source code has no bidirectional control characters that change how it is displayed (CVE-2021-42574). */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { scanCode, scanTimeoutMs } from '../scan/scan-client.ts';
import { maxFindings, toEvidence } from '../scan/scan-findings.ts';

export const bidi: Check = {
  id: 'SAF_BIDI',
  category: 'safety',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'Source code has no misleading bidirectional characters',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  async run(context) {
    const scan = await scanCode(context);
    if (scan.fileCount === 0) return skip('not_applicable', 'No source files found.');
    const matches = scan.matches.filter(({ match }) => match.rule === 'bidi');
    if (matches.length === 0) {
      return pass(`No misleading bidirectional characters in ${plural(scan.fileCount, 'file')}.`);
    }
    const files = new Set(matches.map(({ file }) => file)).size;
    return fail(`${plural(matches.length, 'misleading bidirectional character')} in ${plural(files, 'file')}.`, {
      findings: matches.slice(0, maxFindings).map(({ file, match }) => ({
        file,
        line: match.line,
        message: 'Bidirectional control character in code, or not closed at the end of its line, comment or string',
      })),
      evidence: toEvidence(matches.map(({ file, match }) => `${file}:${match.line}`)),
      remediation: [
        {
          priority: 'critical',
          title: 'Remove the characters U+202A to U+202E and U+2066 to U+2069',
          steps: [
            'Find out who wrote these lines, and read them in an editor that shows control characters.',
            'Delete the characters, or write them as escapes such as \\u202e.',
          ],
        },
      ],
    });
  },
};
