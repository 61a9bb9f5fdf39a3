/** Commands that the page may execute; all of them are in the palette too. */
export const panelCommands = [
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
] as const;
export type PanelCommand = (typeof panelCommands)[number];
