/** Colours that lines, bars and strips are told apart by: names of variables in style/base.css. */

export const colors = ['blue', 'cyan', 'purple', 'green', 'yellow', 'orange', 'red'] as const;

export type Color = (typeof colors)[number];
