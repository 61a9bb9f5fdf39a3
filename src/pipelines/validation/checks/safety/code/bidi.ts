/** SAF_BIDI: no source looks other than it is (CVE-2021-42574). */
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { sweepCode, sweepMs } from '../scan/scan-client.ts';
import { counted, evidenceOf, mostFindings } from '../scan/scan-findings.ts';

export const bidi: Check = {
  id: 'SAF_BIDI',
  category: 'safety',
  severity: 'fatal',
  from: 'dev',
  title: 'No mark of writing direction makes code look other than it is',
  timeoutMs: sweepMs,
  lane: 'cheap',
  async run(context) {
    const { places, texts } = await sweepCode(context);
    if (texts === 0) return skip('not_applicable', 'There is no source code to look at.');
    const found = places.filter((place) => place.found.rule === 'bidi');
    if (found.length === 0) return pass(`No mark of writing direction reaches over code in ${counted(texts, 'file')}.`);
    const files = new Set(found.map(({ file }) => file)).size;
    return fault(
      `${counted(found.length, 'mark')} of writing direction in ${counted(files, 'file')} can make code look other than it is.`,
      {
        findings: found.slice(0, mostFindings).map(({ file, found: hit }) => ({
          file,
          line: hit.line,
          message: 'A mark of writing direction is not closed before its comment or string ends, or stands in code.',
        })),
        evidence: evidenceOf(found.map(({ file, found: hit }) => `${file}:${hit.line}`)),
        remediation: [
          {
            priority: 'critical',
            title: 'Remove the marks U+202A to U+202E and U+2066 to U+2069',
            steps: [
              'Look at who wrote these lines, and at what they really say, in an editor that shows such characters.',
              'Delete the marks, or write them as escapes such as \\u202e.',
            ],
          },
        ],
      },
    );
  },
};
