/** Messages between the extension and the panel's page. */

import { amount, type Infer, literal, optional, tagged, text, whole } from '../schema.ts';
import type { Snapshot } from '../snapshot.ts';
import type { BenchmarkState } from './benchmark-state.ts';
import { panelCommands } from './panel-commands.ts';
import { isStackSelection, type StackView } from './stack-view.ts';

export type Phase = 'idle' | 'starting' | 'running' | 'stopping' | 'failed';

/** Everything that the page draws. Each message is complete, so the page keeps the latest one only. */
export interface PanelState {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly trusted: boolean;
  /** One sentence that says what went wrong and what to do. */
  readonly problem?: string;
  readonly snapshot?: Snapshot;
  /** Present while the page shows stacks and some were sampled. */
  readonly stacks?: StackView;
  readonly budgets: { readonly slowNs: number };
}

/** Two independent states: that of the run is sent four times a second, that of benchmarks when it changes. */
export type ToPanel =
  | { readonly type: 'state'; readonly state: PanelState }
  | { readonly type: 'benchmarks'; readonly benchmarks: BenchmarkState };

export const isFromPanel = tagged('type', {
  ready: {},
  run: { command: literal(...panelCommands) },
  /** Opens a source location in the editor; `file` is named as in the snapshot. */
  reveal: { file: text, line: whole },
  /** Selects the stacks that the page shows; none if absent. */
  stacks: { selection: optional(isStackSelection) },
  /** Shows another history, selected by its key. */
  history: { key: text },
  /** Reports the time that the page took to draw its latest frame. */
  drawn: { drawNs: amount },
});
export type FromPanel = Infer<typeof isFromPanel>;
