import type { Phase } from '../../protocol/panel/panel-message.ts';
import type { StackSelection, StackView } from '../../protocol/panel/stack-view.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';

/** The run that a page shows: that of this window, or a file. */
export interface RunSource {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly problem: string | undefined;
  readonly snapshot: Snapshot | undefined;
  /** Returns the selected stacks, or undefined if none were sampled. */
  stackView(selection: StackSelection): StackView | undefined;
}
