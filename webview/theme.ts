/** Theme colors for canvas drawing, updated whenever the editor's theme changes. */
import { signal } from '@preact/signals';
import { allColors, type Color } from './colors.ts';
import { bestLabel, blend, ensureContrast, type Rgba, toCss } from './contrast.ts';

export interface Theme {
  /** Colors of lines and areas. They have a contrast of at least 3 with the page and the cards. */
  readonly lines: Readonly<Record<Color, string>>;
  /** Colors of text in front of an area: black or white. */
  readonly labels: Readonly<Record<Color, string>>;
  readonly text: string;
  readonly dim: string;
  readonly grid: string;
  readonly card: string;
  readonly page: string;
  readonly font: string;
  readonly isHighContrast: boolean;
}

export const theme = signal(readTheme());

/** Updates `theme` whenever VS Code changes the theme classes or variables of the page. */
export function watchTheme(): void {
  const observer = new MutationObserver(() => {
    theme.value = readTheme();
  });
  // The style of the body is not observed, because it has the colors that are set here.
  const attributes = ['class', 'data-vscode-theme-id', 'data-vscode-theme-kind'];
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [...attributes, 'style'] });
  observer.observe(document.body, { attributes: true, attributeFilter: attributes });
}

/**
 * Reads the colors of the theme. Some have almost no contrast with the background: `charts.orange` of Dark Modern is two thirds
 * transparent. Those are changed, also for all elements that use them by name.
 */
function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const readVariable = (name: string) => style.getPropertyValue(name).trim();
  const probe = createProbe();
  const page = blend(probe(readVariable('--page')), [255, 255, 255, 1]);
  const card = blend(probe(readVariable('--card')), page);
  const lines = entriesOf((color) => ensureContrast(probe(readVariable(`--theme-${color}`)), [card, page]));
  for (const [color, value] of lines) document.body.style.setProperty(`--${color}`, toCss(value));
  return {
    lines: Object.fromEntries(lines.map(([color, value]) => [color, toCss(value)])) as Record<Color, string>,
    labels: Object.fromEntries(lines.map(([color, value]) => [color, toCss(bestLabel(blend(value, card)))])) as Record<
      Color,
      string
    >,
    text: readVariable('--text'),
    dim: readVariable('--dim'),
    grid: readVariable('--grid'),
    card: readVariable('--card'),
    page: readVariable('--page'),
    font: style.fontFamily,
    isHighContrast: /vscode-high-contrast/.test(document.body.className),
  };
}

function entriesOf(read: (color: Color) => Rgba): readonly (readonly [Color, Rgba])[] {
  return allColors.map((color) => [color, read(color)] as const);
}

/** Returns a function that reads any CSS color by drawing it. A text that is not a color is read as transparent black. */
function createProbe(): (color: string) => Rgba {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (color) => {
    if (!context) return [0, 0, 0, 0];
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = '#0000';
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
}
