/** SAF_DEBUG and SAF_DANGEROUS: what was left in by a search for a fault, and what runs texts, data or memory unchecked. */
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { type Hit, topicOf } from '../scan/scan.ts';
import { type Place, sweepCode, sweepMs } from '../scan/scan-client.ts';
import { counted, evidenceOf, findingsOf, linesOf, tally } from '../scan/scan-findings.ts';
import type { Topic } from '../scan/scan-rules.ts';

export const debug: Check = {
  id: 'SAF_DEBUG',
  category: 'safety',
  severity: 'warning',
  from: 'dev',
  title: 'No breakpoint is left in the code',
  timeoutMs: sweepMs,
  lane: 'cheap',
  async run(context) {
    const { texts, places } = await placesOf(context, 'debug');
    if (texts === 0) return skip('not_applicable', 'There is no source code to look at.');
    if (places.length === 0) return pass(`No breakpoint is left in ${counted(texts, 'file')}.`);
    return fault(`${counted(places.length, 'breakpoint')} left in the code: ${tally(places)}.`, {
      findings: findingsOf(places),
      evidence: evidenceOf(linesOf(places)),
      remediation: [
        { priority: 'medium', title: 'Remove the breakpoints', steps: ['Open each place and delete the statement.'] },
      ],
    });
  },
};

export const dangerous: Check = {
  id: 'SAF_DANGEROUS',
  category: 'safety',
  severity: 'warning',
  from: 'ci',
  title: 'No text runs as code, no data builds objects, no unsafe block is left unexplained',
  timeoutMs: sweepMs,
  lane: 'cheap',
  async run(context) {
    const { texts, places } = await placesOf(context, 'danger');
    if (texts === 0) return skip('not_applicable', 'There is no source code to look at.');
    if (places.length === 0) return pass(`No dangerous call is in ${counted(texts, 'file')} outside of tests.`);
    const files = new Set(places.map(({ file }) => file)).size;
    return fault(`${counted(places.length, 'dangerous place')} in ${counted(files, 'file')}: ${tally(places)}.`, {
      findings: findingsOf(places),
      evidence: evidenceOf(linesOf(places)),
      remediation: [
        {
          priority: 'medium',
          title: 'Take the danger out, or say why there is none',
          steps: [
            'Make sure that nothing from outside reaches the place.',
            'Use what cannot run code: JSON instead of pickle, yaml.safe_load, a list of arguments instead of a shell.',
            'Explain an unsafe block by a comment that begins with SAFETY.',
          ],
        },
      ],
    });
  },
};

async function placesOf(context: Context, topic: Topic): Promise<{ texts: number; places: Place<Hit>[] }> {
  const { places, texts } = await sweepCode(context);
  return { texts, places: places.filter(({ found }) => topicOf(found.rule) === topic) };
}
