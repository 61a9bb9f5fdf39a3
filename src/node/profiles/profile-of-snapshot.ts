import type { Snapshot } from '../../protocol/snapshot.ts';
import type { CallProfile } from './call-profile.ts';

/** Returns the call stacks of a run for other tools, or undefined if none were sampled. */
export function profileOfSnapshot({ run, stacks }: Snapshot): CallProfile | undefined {
  if (!stacks) return undefined;
  const { title, startedAt, durationNs, workspace } = run;
  const startedAtMs = Date.parse(startedAt);
  return { stacks, title, startedAtMs: Number.isFinite(startedAtMs) ? startedAtMs : 0, durationNs, workspace };
}
