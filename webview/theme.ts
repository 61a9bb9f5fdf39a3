/** Theme colors for canvas drawing, updated whenever the editor's theme changes. */
import { signal } from '@preact/signals';
import { type Color, colors } from './colors.ts';

export interface Theme {
  readonly lines: Readonly<Record<Color, string>>;
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
  const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] };
  observer.observe(document.documentElement, options);
  observer.observe(document.body, options);
}

function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const readVariable = (name: string) => style.getPropertyValue(name).trim();
  const lines = Object.fromEntries(colors.map((color) => [color, readVariable(`--${color}`)])) as Record<Color, string>;
  return {
    lines,
    text: readVariable('--text'),
    dim: readVariable('--dim'),
    grid: readVariable('--grid'),
    card: readVariable('--card'),
    page: readVariable('--page'),
    font: style.fontFamily,
    isHighContrast: /vscode-high-contrast/.test(document.body.className),
  };
}
