/** The tabs below the charts, in their order. */

export const tabs = ['operations', 'files', 'timeline', 'processes'] as const;

export type Tab = (typeof tabs)[number];
