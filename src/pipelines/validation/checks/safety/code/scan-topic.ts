/** Scan results of the rules that belong to one check. */
import type { CheckContext } from '../../../check/check.ts';
import { type RuleMatch, topicOf } from '../scan/scan.ts';
import { type Located, type ScanResult, scanCode } from '../scan/scan-client.ts';
import type { RuleTopic } from '../scan/scan-rules.ts';

/** Scans the code, or joins a running scan, and returns the matches of one topic. */
export async function scanTopic(context: CheckContext, topic: RuleTopic): Promise<ScanResult<RuleMatch>> {
  const scan = await scanCode(context);
  const isTopic = ({ match }: Located<RuleMatch>): boolean => topicOf(match.rule) === topic;
  return { ...scan, matches: scan.matches.filter(isTopic) };
}
