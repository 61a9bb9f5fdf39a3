/** Compares rule matches with a stored baseline: existing matches may stay, but their number must not grow. */
import { createHash } from 'node:crypto';
import { plural } from '../../../../../protocol/plural.ts';
import { type CheckContext, type CheckOutcome, fail, pass, skip } from '../../../check/check.ts';
import { type RuleMatch, titleOf } from '../scan/scan.ts';
import type { Located } from '../scan/scan-client.ts';
import { countByTitle, toEvidence, toEvidenceLines, toFindings } from '../scan/scan-findings.ts';
import type { RuleTopic } from '../scan/scan-rules.ts';
import { scanTopic } from './scan-topic.ts';

/** Number of matches by rule, and a short hash of each matched line, so that a moved line is not reported as new. */
interface Baseline {
  readonly counts: Readonly<Record<string, number>>;
  readonly lines: string;
}

interface BaselineSubject {
  readonly topic: RuleTopic;
  readonly cacheKey: string;
  /** Singular and plural noun for messages. */
  readonly noun: string;
  readonly pluralNoun: string;
  readonly remediationSteps: readonly string[];
}

const hashLength = 8;
/** Maximum number of line hashes in a baseline. If exceeded, it only has the counts. */
const maxHashedLines = 20_000;
const maxEvidenceLines = 50;

/** Fails if a rule has more matches than in the baseline. Without a baseline, stores the current matches and passes. */
export async function compareWithBaseline(context: CheckContext, subject: BaselineSubject): Promise<CheckOutcome> {
  const { topic, cacheKey, noun, pluralNoun, remediationSteps } = subject;
  const { matches, fileCount } = await scanTopic(context, topic);
  if (fileCount === 0) return skip('not_applicable', 'No source files found.');
  const current = toBaseline(matches);
  const baseline = context.cache.get<Baseline>(cacheKey);
  const lines = toEvidenceLines(matches.slice(0, maxEvidenceLines));
  const evidence = toEvidence([JSON.stringify(current.counts), ...lines]);
  const summary = `${summarize(matches, noun, pluralNoun)} in ${plural(fileCount, 'file')}`;
  if (!baseline) {
    context.cache.set(cacheKey, current);
    return pass(`${summary}. Saved as the baseline.`, { evidence });
  }
  const grown = Object.entries(current.counts).filter(([rule, count]) => count > (baseline.counts[rule] ?? 0));
  if (grown.length === 0) {
    // Replacing the baseline can only lower it, so that removed matches cannot come back.
    context.cache.set(cacheKey, current);
    const before = Object.values(baseline.counts).reduce((sum, count) => sum + count, 0);
    const trend = before > matches.length ? `${before - matches.length} fewer than before` : 'no more than before';
    return pass(`${summary}, ${trend}.`, { evidence });
  }
  const growth = grown.map(([rule, count]) => `${titleOf(rule)} ${count} (baseline ${baseline.counts[rule] ?? 0})`);
  return fail(`More ${pluralNoun} than in the baseline: ${growth.join(', ')}.`, {
    findings: toFindings(findNewMatches(matches, baseline, new Set(grown.map(([rule]) => rule)))),
    evidence,
    remediation: [{ priority: 'low', title: `Remove the new ${pluralNoun}`, steps: remediationSteps }],
  });
}

function hashLine({ match }: Located<RuleMatch>): string {
  return createHash('sha256').update(`${match.rule}\0${match.text}`).digest('base64url').slice(0, hashLength);
}

function toBaseline(matches: readonly Located<RuleMatch>[]): Baseline {
  const counts: Record<string, number> = {};
  for (const { match } of matches) counts[match.rule] = (counts[match.rule] ?? 0) + 1;
  return { counts, lines: matches.length > maxHashedLines ? '' : matches.map(hashLine).join('') };
}

function summarize(matches: readonly Located<RuleMatch>[], noun: string, pluralNoun: string): string {
  if (matches.length === 0) return `No ${pluralNoun}`;
  const rules = new Set(matches.map(({ match }) => match.rule));
  const details = rules.size > 1 ? ` (${countByTitle(matches)})` : '';
  return `${plural(matches.length, noun, pluralNoun)}${details}`;
}

/**
 * Returns the matches of the grown rules whose lines are not in the baseline, or occur there less often. If the baseline has
 * no lines, all matches of these rules are returned.
 */
function findNewMatches(
  matches: readonly Located<RuleMatch>[],
  baseline: Baseline,
  grownRules: ReadonlySet<string>,
): Located<RuleMatch>[] {
  const remaining = new Map<string, number>();
  for (const hash of baseline.lines.match(/.{8}/g) ?? []) remaining.set(hash, (remaining.get(hash) ?? 0) + 1);
  return matches.filter((located) => {
    if (!grownRules.has(located.match.rule)) return false;
    const hash = hashLine(located);
    const count = remaining.get(hash) ?? 0;
    remaining.set(hash, count - 1);
    return count <= 0;
  });
}
