/** Where a declaration is after the text around it has changed: arithmetic on lines, without an editor. Lines are from 0. */

/** One replacement in a document, as the editor tells it. */
export interface Edit {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

/**
 * The line of a declaration after an edit, or `undefined` when the edit took the declaration away.
 * `indent` is the column at which its text starts: what is inserted before it pushes it down.
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
 * The last line of the body that starts at a declaration: up to the next line that is indented no deeper, closing
 * brackets included. Good for languages with braces and for those with indentation; it asks for no parser.
 */
export function bodyEnd(lines: readonly string[], line: number): number {
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

/** The line whose trimmed text is `anchor` and that lies nearest to `near`; `undefined` when there is none. */
export function nearestLine(lines: readonly string[], anchor: string, near: number): number | undefined {
  let found: number | undefined;
  for (const [line, text] of lines.entries()) {
    if (text.trim() !== anchor) continue;
    if (found === undefined || Math.abs(line - near) < Math.abs(found - near)) found = line;
  }
  return found;
}
