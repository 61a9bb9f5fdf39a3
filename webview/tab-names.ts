/** The tabs below the charts, in their order: those of a run, then those of benchmarks. */

export const tabs = ['operations', 'files', 'timeline', 'processes', 'compare', 'history'] as const;

export type Tab = (typeof tabs)[number];
