/** Named colors of lines, bars and legends. Each is a CSS variable in style/base.css. */

export const colors = ['blue', 'cyan', 'purple', 'green', 'yellow', 'orange', 'red'] as const;

/** Grey stands for the runtime, and for what is not told apart. */
export const allColors = [...colors, 'grey'] as const;

export type Color = (typeof allColors)[number];
