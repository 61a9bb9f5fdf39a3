/** Contrast of colors as WCAG defines it, and the changes that give a color enough of it. */

/** Red, green and blue from 0 to 255, and opacity from 0 to 1. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** Minimum contrast of a line or area that carries information (WCAG 2.2, 1.4.11). */
export const minGraphicContrast = 3;

/** Returns the contrast of two opaque colors, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrastOf(left: Rgba, right: Rgba): number {
  const [darker, lighter] = [luminanceOf(left), luminanceOf(right)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminanceOf([red, green, blue]: Rgba): number {
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

const white: Rgba = [255, 255, 255, 1];
const black: Rgba = [0, 0, 0, 1];
/** Number of steps in which a color is made lighter or darker. */
const steps = 20;
/** Keeps rounding from falling below the minimum. */
const margin = 0.05;

/**
 * Returns the color, or the one closest to it that has the minimum contrast with all backgrounds: first it becomes opaque, then
 * lighter or darker, whichever needs less.
 */
export function ensureContrast(color: Rgba, backgrounds: readonly Rgba[], minContrast = minGraphicContrast): Rgba {
  const hasEnough = (candidate: Rgba): boolean =>
    backgrounds.every((background) => contrastOf(blend(candidate, background), background) >= minContrast + margin);
  if (hasEnough(color)) return color;
  const [red, green, blue] = color;
  const opaque: Rgba = [red, green, blue, 1];
  for (let step = 0; step <= steps; step++) {
    for (const end of [white, black]) {
      const candidate = blend([end[0], end[1], end[2], step / steps], opaque);
      if (hasEnough(candidate)) return candidate;
    }
  }
  return bestLabel(backgrounds[0] ?? black);
}

/** Returns black or white, whichever has more contrast with a background. It is at least 4.5. */
export function bestLabel(background: Rgba): Rgba {
  return contrastOf(white, background) >= contrastOf(black, background) ? white : black;
}

/** Returns the opaque color of a translucent one in front of an opaque background. */
export function blend([red, green, blue, alpha]: Rgba, background: Rgba): Rgba {
  const mix = (front: number, back: number): number => Math.round(front * alpha + back * (1 - alpha));
  return [mix(red, background[0]), mix(green, background[1]), mix(blue, background[2]), 1];
}

/** Returns the color as CSS. */
export function toCss([red, green, blue, alpha]: Rgba): string {
  const rgb = `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  return alpha === 1 ? rgb : `rgb(${red} ${green} ${blue} / ${alpha})`;
}
