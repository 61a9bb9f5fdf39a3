/** Labels in VS Code's UI. */
import { toVisibleLine } from '../protocol/escape/visible-line.ts';

/** Separates the parts of a label. */
export const separator = ' · ';

/** Makes text from a program safe for a label, where `$(` would draw an icon and a line break would break the layout. */
export function escapeLabel(text: string): string {
  return toVisibleLine(text).replace(/\s+/g, ' ').replaceAll('$(', '$\u200b(');
}

/** Makes text from a program safe for a tooltip, which keeps its lines. */
export function escapeTooltip(text: string): string {
  return text.split('\n').map(toVisibleLine).join('\n');
}
