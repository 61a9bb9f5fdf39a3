/** Markdown (GitHub's) in which what programs and files say is shown as it is, and never read as markup. */

/**
 * What Markdown gives a meaning within a line: an underline not between letters, the colon and point of an address or an
 * emoji; at the start of a text what would begin a list, a heading or a quotation, and at its end what would close a heading.
 */
const markup = /[\\`*[\]<>&|~$@!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\S)|(?<=www)\.|^[-+#=]|#$|(?<=^\d+)[.)]/gi;
/** Line ends and blanks that would end a line or a cell. */
const blanks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Controls, and characters that turn the direction of text or are not seen: they could make a line read as another. */
const unseen = /[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** A text as one line that reads exactly so. */
export function plain(text: string): string {
  return visible(text).replaceAll(markup, '\\$&');
}

/** A text as code within a line. In a table a bar ends a cell even in code, so there a text with bars is no code. */
export function code(text: string, where: 'line' | 'cell' = 'line'): string {
  const shown = visible(text);
  if (shown === '') return '–';
  if (where === 'cell' && shown.includes('|')) return plain(text);
  const fence = '`'.repeat(longestRun(shown) + 1);
  // Such a blank is taken away again; it keeps a backtick apart from the fence.
  const blank = /^`|`$/.test(shown) ? ' ' : '';
  return `${fence}${blank}${shown}${blank}${fence}`;
}

/** Lines of code of a block of its own. */
export function block(text: string, language: string): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return [`${fence}${language}`, ...text.split('\n').map(visible), fence];
}

/** Cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** The words of a command as a shell takes them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

function visible(text: string): string {
  return text.replaceAll(blanks, ' ').replaceAll(unseen, codePointOf).trim();
}

const codePointOf = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
