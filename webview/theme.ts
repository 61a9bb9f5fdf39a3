/** Colours of the editor's theme for what is painted on a canvas; they are read anew when the theme changes. */
import { signal } from '@preact/signals';
import { type Color, colors } from './colors.ts';

export interface Theme {
  readonly lines: Readonly<Record<Color, string>>;
  readonly text: string;
  readonly dim: string;
  readonly grid: string;
  readonly card: string;
  readonly font: string;
  readonly highContrast: boolean;
}

export const theme = signal(read());

/** Reads the theme again whenever the editor changes its classes or its variables. */
export function followTheme(): void {
  const observer = new MutationObserver(() => {
    theme.value = read();
  });
  const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] };
  observer.observe(document.documentElement, options);
  observer.observe(document.body, options);
}

function read(): Theme {
  const style = getComputedStyle(document.body);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  const lines = Object.fromEntries(colors.map((color) => [color, variable(`--${color}`)])) as Record<Color, string>;
  return {
    lines,
    text: variable('--text'),
    dim: variable('--dim'),
    grid: variable('--grid'),
    card: variable('--card'),
    font: style.fontFamily,
    highContrast: /vscode-high-contrast/.test(document.body.className),
  };
}
