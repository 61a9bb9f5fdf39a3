/** Named colors of lines, bars and legends. Each is a CSS variable in style/base.css. */

export const colors = ['blue', 'cyan', 'purple', 'green', 'yellow', 'orange', 'red'] as const;

export type Color = (typeof colors)[number];
