/** Scan results of the rules that belong to one check. */
import type { CheckContext } from '../../../check/check.ts';
import { type RuleMatch, topicOf } from '../scan/scan.ts';
import { type Located, type ScanResult, scanCode } from '../scan/scan-client.ts';
import type { RuleTopic } from '../scan/scan-rules.ts';

export interface TopicScan extends ScanResult<RuleMatch> {
  /** Matches that a comment in the code accepts. They are not in `matches`. */
  readonly allowed: readonly Located<RuleMatch>[];
}

/** Scans the code, or joins a running scan, and returns the matches of one topic. */
export async function scanTopic(context: CheckContext, topic: RuleTopic): Promise<TopicScan> {
  const scan = await scanCode(context);
  const matches = scan.matches.filter(({ match }) => topicOf(match.rule) === topic);
  return {
    ...scan,
    matches: matches.filter(({ match }) => match.allowedBy === undefined),
    allowed: matches.filter(({ match }) => match.allowedBy !== undefined),
  };
}
