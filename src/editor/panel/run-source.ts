import type { StackSource } from '../../core/stacks/fixed-stacks.ts';
import type { Phase } from '../../protocol/panel/panel-message.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';

/** The run that a page shows: that of this window, or a file. */
export interface RunSource {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly problem: string | undefined;
  readonly snapshot: Snapshot | undefined;
  /** Stacks of the run; undefined if none were sampled. */
  readonly stackSource: StackSource | undefined;
}
