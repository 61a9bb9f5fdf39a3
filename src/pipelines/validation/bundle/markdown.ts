/** Writes GitHub Markdown. Text from programs and files is escaped, so that it is shown literally. */

/**
 * Matches characters with a meaning within a line: an underscore that is not between letters, the colon of a URL or emoji,
 * the dot of a URL. At the start of a text, those that begin a list, heading or quotation; at its end, a closing `#`.
 */
const markup = /[\\`*[\]<>&|~$@!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\S)|(?<=www)\.|^[-+#=]|#$|(?<=^\d+)[.)]/gi;
/** Line breaks and whitespace that would end a line or a table cell. */
const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Control, bidirectional and invisible characters, which could make a line look like a different one. */
const invisible = /[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** Escapes a text to a single line. */
export function escapeText(text: string): string {
  return toVisibleLine(text).replaceAll(markup, '\\$&');
}

/** Formats inline code. Text with a `|` in a table cell is escaped instead, since a bar ends the cell even in code. */
export function inlineCode(text: string, where: 'line' | 'cell' = 'line'): string {
  const line = toVisibleLine(text);
  if (line === '') return '–';
  if (where === 'cell' && line.includes('|')) return escapeText(text);
  const fence = '`'.repeat(maxBacktickRun(line) + 1);
  // Separates a backtick from the fence; renderers strip the space.
  const space = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** Formats a fenced code block as lines. */
export function codeBlock(text: string, language: string): string[] {
  const fence = '`'.repeat(Math.max(3, maxBacktickRun(text) + 1));
  return [`${fence}${language}`, ...text.split('\n').map(toVisibleLine), fence];
}

/** Formats a table as lines. Cells must already be escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Quotes a command for a POSIX shell. */
export function quoteCommand(argv: readonly string[]): string {
  const isSafe = /^[\w@%+=:,./-]+$/;
  return argv
    .map((argument) => (isSafe.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** Joins the lines of a text and replaces invisible characters with their code points. */
function toVisibleLine(text: string): string {
  return text.replaceAll(lineBreaks, ' ').replaceAll(invisible, codePointOf).trim();
}

const codePointOf = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

function maxBacktickRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
