/** What the extension and the panel's page say to each other: two unions, named by direction. */
import type { BenchmarkState } from './benchmark-state.ts';
import { isAmount, isRecord, isText, isWhole } from './guard.ts';
import type { Snapshot } from './snapshot.ts';

export type Phase = 'idle' | 'starting' | 'running' | 'stopping' | 'failed';

/** Commands that the page may ask for; they are the palette's own. */
export type PanelCommand =
  | 'pipescope.profile'
  | 'pipescope.stop'
  | 'pipescope.pause'
  | 'pipescope.resume'
  | 'pipescope.benchmark'
  | 'pipescope.benchmarkAgainst'
  | 'pipescope.compareBaseline'
  | 'pipescope.clearComparison'
  | 'pipescope.exportBenchmark'
  | 'pipescope.exportSnapshot'
  | 'pipescope.goToHottest'
  | 'pipescope.showLog';

/** Everything that the page draws: complete each time, the newest wins. */
export interface PanelState {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly trusted: boolean;
  /** One sentence on what went wrong, and what to do. */
  readonly problem?: string;
  readonly snapshot?: Snapshot;
  readonly budgets: { readonly slowNs: number };
}

/** Two facts with rhythms of their own, each complete in itself: a run four times a second, benchmarks when they change. */
export type ToPanel =
  | { readonly type: 'state'; readonly state: PanelState }
  | { readonly type: 'benchmarks'; readonly benchmarks: BenchmarkState };

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'run'; readonly command: PanelCommand }
  /** Open a place in the editor; the file as the snapshot names it. */
  | { readonly type: 'reveal'; readonly file: string; readonly line: number }
  /** Show another history, by its key. */
  | { readonly type: 'history'; readonly key: string }
  /** What the newest frame cost the page. */
  | { readonly type: 'drawn'; readonly drawNs: number };

const commands: ReadonlySet<unknown> = new Set<PanelCommand>([
  'pipescope.profile',
  'pipescope.stop',
  'pipescope.pause',
  'pipescope.resume',
  'pipescope.benchmark',
  'pipescope.benchmarkAgainst',
  'pipescope.compareBaseline',
  'pipescope.clearComparison',
  'pipescope.exportBenchmark',
  'pipescope.exportSnapshot',
  'pipescope.goToHottest',
  'pipescope.showLog',
]);

export function isFromPanel(value: unknown): value is FromPanel {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'ready':
      return true;
    case 'run':
      return commands.has(value['command']);
    case 'reveal':
      return isText(value['file']) && isWhole(value['line']);
    case 'history':
      return isText(value['key']);
    case 'drawn':
      return isAmount(value['drawNs']);
    default:
      return false;
  }
}
