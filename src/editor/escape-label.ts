/** Labels in VS Code's UI. */

/** Separates the parts of a label. */
export const separator = ' · ';

/** Makes text from a program safe for a label, where `$(` would draw an icon and a line break would break the layout. */
export function escapeLabel(text: string): string {
  return text.replaceAll('$(', '$\u200b(').replace(/\s+/g, ' ');
}
