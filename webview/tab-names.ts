/** Ids of the tabs below the charts, in display order: tabs of a run, then tabs of benchmarks. */

export const tabNames = [
  'flames',
  'calls',
  'operations',
  'files',
  'timeline',
  'blocks',
  'processes',
  'compare',
  'history',
] as const;

export type TabName = (typeof tabNames)[number];
