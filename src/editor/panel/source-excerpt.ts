import type { FunctionSource, LineTimes } from '../../protocol/panel/stack-view.ts';

/** Longer functions are shown by the lines that have a cost, and those around them. */
const maxWholeLines = 80;
const maxLines = 200;
/** Number of lines that are shown before and after a line with a cost. */
const contextLines = 1;
/** Maximum number of lines of a function of which no end is found. */
const maxSearchedLines = 2000;
const maxTextLength = 240;

/**
 * Returns the lines of a function. It ends at the first line that is indented no deeper than its first, or at its last line
 * with a cost.
 *
 * @param texts lines of the file
 * @param firstLine one-based line of the function
 * @param costs lines of the function that have a cost
 */
export function excerptFunction(
  texts: readonly string[],
  firstLine: number,
  costs: readonly LineTimes[],
): FunctionSource['lines'] {
  if (firstLine < 1 || firstLine > texts.length) return [];
  const withCost = costs.map(({ line }) => line).filter((line) => line >= firstLine && line <= texts.length);
  const endLine = Math.max(findEnd(texts, firstLine), ...withCost);
  const isWhole = endLine - firstLine < maxWholeLines;
  const shown = new Set<number>();
  const add = (start: number, end: number): void => {
    for (let line = Math.max(firstLine, start); line <= Math.min(endLine, end); line++) shown.add(line);
  };
  if (isWhole) add(firstLine, endLine);
  else {
    add(firstLine, firstLine + (withCost.length === 0 ? maxWholeLines - 1 : contextLines));
    for (const line of withCost) add(line - contextLines, line + contextLines);
  }
  return [...shown]
    .sort((left, right) => left - right)
    .slice(0, maxLines)
    .map((line) => ({ line, text: (texts[line - 1] ?? '').slice(0, maxTextLength) }));
}

/** Returns the last line of the block that begins at a line. */
function findEnd(texts: readonly string[], firstLine: number): number {
  const depth = indentOf(texts[firstLine - 1] ?? '');
  const last = Math.min(texts.length, firstLine + maxSearchedLines);
  for (let line = firstLine + 1; line <= last; line++) {
    const text = texts[line - 1] ?? '';
    if (text.trim() === '' || indentOf(text) > depth) continue;
    // A closing bracket ends the function; it may also end its parameters, with the body behind it.
    if (!/^\s*[)\]}]/.test(text)) return lastFilledLine(texts, firstLine, line - 1);
    if (!/[{([:]\s*$|=>\s*$/.test(text)) return line;
  }
  return lastFilledLine(texts, firstLine, last);
}

function lastFilledLine(texts: readonly string[], firstLine: number, line: number): number {
  let last = line;
  while (last > firstLine && (texts[last - 1] ?? '').trim() === '') last--;
  return last;
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
