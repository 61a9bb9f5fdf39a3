/** Writes GitHub Markdown. Text from programs and files is escaped, so that it is shown literally. */
import { escapeMarkdown } from '../../../protocol/escape/escape-markdown.ts';
import { toVisibleLine } from '../../../protocol/escape/visible-line.ts';

/** Formats inline code. Text with a `|` in a table cell is escaped instead, since a bar ends the cell even in code. */
export function inlineCode(text: string, where: 'line' | 'cell' = 'line'): string {
  const line = toVisibleLine(text).trim();
  if (line === '') return '–';
  if (where === 'cell' && line.includes('|')) return escapeMarkdown(text);
  const fence = '`'.repeat(maxBacktickRun(line) + 1);
  // Separates a backtick from the fence; renderers strip the space.
  const space = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** Formats a fenced code block as lines. */
export function codeBlock(text: string, language: string): string[] {
  const fence = '`'.repeat(Math.max(3, maxBacktickRun(text) + 1));
  return [`${fence}${language}`, ...text.split('\n').map((line) => toVisibleLine(line).trim()), fence];
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

function maxBacktickRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
