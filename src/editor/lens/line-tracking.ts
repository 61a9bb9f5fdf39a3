/** Tracks the line of a declaration while the text around it changes. Lines start at 0. */

/** One replacement in a document, as reported by VS Code. */
export interface Edit {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

/**
 * Returns the line of a declaration after an edit, or undefined if the edit deleted the declaration.
 * @param indent column at which the declaration starts; text inserted before it pushes it down
 */
export function shiftLine(line: number, indent: number, edit: Edit): number | undefined {
  const added = edit.text.split('\n').length - 1;
  const delta = added - (edit.endLine - edit.startLine);
  if (edit.endLine < line) return line + delta;
  if (edit.startLine > line) return line;
  if (edit.endLine === line && edit.endCharacter <= indent) return line + delta;
  if (edit.startLine < line && edit.endLine > line) return undefined;
  return edit.startLine;
}

export function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/**
 * Returns the last line of the body of a declaration: the lines that are indented deeper, and a closing bracket. Works
 * for languages with braces and for those with indentation, without a parser.
 */
export function findBodyEnd(lines: readonly string[], line: number): number {
  const indent = indentOf(lines[line] ?? '');
  let last = line;
  for (let next = line + 1; next < lines.length; next++) {
    const text = lines[next] ?? '';
    if (text.trim() === '') continue;
    if (indentOf(text) > indent) last = next;
    else return /^[)\]}]/.test(text.trim()) ? next : last;
  }
  return last;
}

/** Returns the line nearest to `near` whose trimmed text is `anchor`, or undefined if there is none. */
export function findNearestLine(lines: readonly string[], anchor: string, near: number): number | undefined {
  let nearest: number | undefined;
  for (const [line, text] of lines.entries()) {
    if (text.trim() !== anchor) continue;
    if (nearest === undefined || Math.abs(line - near) < Math.abs(nearest - near)) nearest = line;
  }
  return nearest;
}
