import { readFileSync, statSync } from 'node:fs';

/** A function or class in a source file. */
export interface SourceDefinition {
  /** Line of `def` or `class`. */
  readonly line: number;
  /** With the names of the classes and functions around it, as `__qualname__` without `<locals>`. */
  readonly name: string;
}

const maxSourceBytes = 4 * 1024 * 1024;

/** Definitions of a file by the line at which Python says that their code begins, which is that of the first decorator. */
export type DefinitionLines = ReadonlyMap<number, SourceDefinition>;

/** Reads the definitions of a Python file. Returns an empty map if it cannot be read. */
export function readDefinitionLines(file: string): DefinitionLines {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > maxSourceBytes) return new Map();
    return findDefinitions(readFileSync(file, 'utf8'));
  } catch {
    return new Map();
  }
}

interface Block {
  readonly indent: number;
  readonly name: string;
}

const definition = /^(?:async[ \t]+)?(?:def|class)[ \t]+([\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]*)/u;

/** Finds the definitions in the text of a Python file. */
export function findDefinitions(source: string): DefinitionLines {
  const definitions = new Map<number, SourceDefinition>();
  const blocks: Block[] = [];
  let decorator: { readonly line: number; readonly indent: number } | undefined;
  for (const { text, line, indent } of logicalLines(source)) {
    while (blocks.length > 0 && (blocks.at(-1) as Block).indent >= indent) blocks.pop();
    const [, name] = definition.exec(text) ?? [];
    if (name !== undefined) {
      const path = [...blocks.map((block) => block.name), name].join('.');
      const firstLine = decorator?.indent === indent ? decorator.line : line;
      definitions.set(firstLine, { line, name: path });
      blocks.push({ indent, name });
    }
    if (!text.startsWith('@')) decorator = undefined;
    else if (decorator?.indent !== indent) decorator = { line, indent };
  }
  return definitions;
}

interface LogicalLine {
  /** Beginning of the line, without its indentation. */
  readonly text: string;
  readonly line: number;
  readonly indent: number;
}

const tabWidth = 8;
/** Texts and comments, brackets, continued lines and ends of lines. All else has no influence on where a statement begins. */
const token =
  /[rRbBuUfFtT]{0,2}("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|("|')(?:\\[\s\S]|(?!\2)[^\\\n])*(?:\2|(?=\n)|$)|#[^\n]*|\\\r?\n|[([{]|[)\]}]|\n/g;

/** Yields the lines at which statements begin. A statement ends with its line, outside of brackets and texts. */
function* logicalLines(source: string): Generator<LogicalLine> {
  let [start, line, startLine, depth] = [0, 1, 1, 0];
  const lineFrom = (end: number): LogicalLine | undefined => {
    const text = source.slice(start, Math.min(end, start + 1000));
    const content = text.trimStart();
    if (content === '' || content.startsWith('#')) return undefined;
    return { text: content, line: startLine, indent: indentOf(text.slice(0, text.length - content.length)) };
  };
  for (const { 0: text, index } of source.matchAll(token)) {
    if (text === '\n') {
      line++;
      if (depth > 0) continue;
      const logical = lineFrom(index);
      if (logical) yield logical;
      [start, startLine] = [index + 1, line];
    } else if ('([{'.includes(text)) depth++;
    else if (')]}'.includes(text)) depth = Math.max(0, depth - 1);
    else line += text.split('\n').length - 1;
  }
  const last = lineFrom(source.length);
  if (last) yield last;
}

/** Returns the column of the first character behind spaces and tabs. A form feed starts again. */
function indentOf(space: string): number {
  let column = 0;
  for (const character of space) {
    if (character === '\t') column += tabWidth - (column % tabWidth);
    else column = character === '\f' ? 0 : column + 1;
  }
  return column;
}
