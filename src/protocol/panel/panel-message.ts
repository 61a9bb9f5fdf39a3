/** Messages between the extension and the panel's page. */

import { amount, type Infer, literal, optional, tagged, text, whole } from '../schema.ts';
import type { Snapshot } from '../snapshot.ts';
import type { BenchmarkState } from './benchmark-state.ts';
import { panelCommands } from './panel-commands.ts';
import { isStackSelection, type StackView } from './stack-view.ts';

export type Phase = 'idle' | 'starting' | 'running' | 'stopping' | 'failed';

/** Request to show a function in the flame graph. */
export interface ShownFunction {
  /** Changes with each request, so that the page follows it once. */
  readonly turn: string;
  readonly name: string;
  /** ID of the function in the run; absent if it was not sampled. */
  readonly id?: number | undefined;
}

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
  /** Function that the user wants to see, from the editor. */
  readonly shownFunction?: ShownFunction;
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
  /** Lets the user choose the run or file that stacks are compared with, or ends the comparison. */
  reference: { action: literal('choose', 'clear') },
  /** Shows another history, selected by its key. */
  history: { key: text },
  /** Reports the time that the page took to draw its latest frame. */
  drawn: { drawNs: amount },
});
export type FromPanel = Infer<typeof isFromPanel>;
