/** Escapes text for GitHub Markdown, which VS Code reads too. */
import { toVisibleLine } from './visible-line.ts';

/**
 * Matches characters with a meaning within a line: an underscore that is not between letters, the colon of a URL or emoji,
 * the dot of a URL. At the start of a text, those that begin a list, heading or quotation; at its end, a closing `#`.
 */
const markup = /[\\`*[\]<>&|~$@!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\S)|(?<=www)\.|^[-+#=]|#$|(?<=^\d+)[.)]/gi;

/** Escapes a text to a single line that is shown literally, also in a table cell. */
export function escapeMarkdown(text: string): string {
  return toVisibleLine(text).trim().replaceAll(markup, '\\$&');
}
