/** Tokens of JavaScript or TypeScript, without white space and comments. */
export interface SourceTokens {
  readonly code: string;
  /** Offset of each token, and the offset after it. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Index of the bracket that belongs to a bracket; -1 for other tokens. A template is a bracket for what is in it. */
  readonly partners: Int32Array;
  /** Index of the innermost opening bracket around each token; -1 outside of all. */
  readonly parents: Int32Array;
}

const token =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?|[\p{ID_Start}$_#][\p{ID_Continue}$]*|=>|\+\+|--|\.\.\.|\?\.(?!\d)|[=!]==?|\|\||&&|\?\?|[^\s\w]|\d[\w.]*/uy;
const blank = /\s+/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
/** Tokens after which a slash is a division. */
const endOfValue = /^(?:[\p{ID_Continue}$#]+|\)|\]|\+\+|--)$/u;
const keywordBeforeValue =
  /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|yield|await|default|extends)$/;
const openers: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/**
 * Splits code into tokens without parsing it, which would take far longer. Returns undefined if the brackets do not match,
 * because then a regular expression or other text was misunderstood.
 */
export function readSourceTokens(code: string): SourceTokens | undefined {
  const [starts, ends, partners, parents]: [number[], number[], number[], number[]] = [[], [], [], []];
  /** Indices of the open brackets. */
  const stack: number[] = [];
  let previous = '';
  let index = 0;
  const readWith = (pattern: RegExp): string => {
    pattern.lastIndex = index;
    const text = pattern.exec(code)?.[0] ?? '';
    index += text.length;
    return text;
  };
  const add = (start: number): number => {
    starts.push(start);
    ends.push(index);
    partners.push(-1);
    parents.push(stack.at(-1) ?? -1);
    return starts.length - 1;
  };
  const open = (start: number): void => {
    stack.push(add(start));
  };
  /** Returns the text of the bracket that was closed. */
  const close = (start: number): string => {
    const opener = stack.pop();
    const closer = add(start);
    if (opener === undefined) return '';
    partners[closer] = opener;
    partners[opener] = closer;
    return code.slice(starts[opener], ends[opener]);
  };
  /** Reads the text of a template up to its end or the next expression in it. */
  const readTemplate = (): void => {
    readWith(templateText);
    const start = index;
    if (code[start] === '`') {
      index += 1;
      close(start);
      previous = ')';
    } else {
      index += 2;
      open(start);
    }
  };
  while (index < code.length) {
    if (readWith(blank)) continue;
    const start = index;
    const isValueExpected = !endOfValue.test(previous) || keywordBeforeValue.test(previous);
    const text =
      (code[index] === '/' &&
        !/^\/[/*]/.test(code.slice(index, index + 2)) &&
        isValueExpected &&
        readWith(regularExpression)) ||
      readWith(token);
    if (text === '') index++;
    if (/^\/[/*]/.test(text)) continue;
    if (text === '`') {
      open(start);
      readTemplate();
      continue;
    }
    const opener = openers.get(text);
    if (opener !== undefined) {
      const closed = close(start);
      if (closed === '${' && text === '}') {
        readTemplate();
        continue;
      }
      if (closed !== opener) return undefined;
    } else if (text === '(' || text === '[' || text === '{') open(start);
    else add(start);
    previous = text.length > 1 && /^['"/]/.test(text) ? ')' : text;
  }
  if (stack.length > 0) return undefined;
  return {
    code,
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    partners: Int32Array.from(partners),
    parents: Int32Array.from(parents),
  };
}
