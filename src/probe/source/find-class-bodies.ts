/** A class header that has been read up to its body. */
interface Header {
  readonly name: string;
  /** Number of open brackets around the class. */
  readonly depth: number;
  /** Number of open angle brackets: type parameters may contain braces. */
  angles: number;
}

/** Places in a text where another bracket becomes the innermost one. */
export interface ClassBodies {
  /** Offsets in ascending order. */
  readonly offsets: readonly number[];
  /** Name of the class if the innermost bracket from there on is a class body; otherwise the empty string. */
  readonly classNames: readonly string[];
}

const token =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?|[\p{ID_Start}$_#][\p{ID_Continue}$]*|=>|\+\+|--|[^\s\w]|\d[\w.]*/uy;
const blank = /\s+/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
/** Tokens after which a slash is a division. */
const endOfValue = /^(?:[\p{ID_Continue}$#]+|\)|\]|\+\+|--)$/u;
const keywordBeforeValue =
  /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|yield|await|default|extends)$/;
const closers: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/**
 * Finds the bodies of classes in JavaScript or TypeScript without parsing it, which would take far longer. Returns undefined
 * if the brackets do not match, because then a regular expression or other text was misunderstood.
 */
export function findClassBodies(code: string): ClassBodies | undefined {
  const [offsets, classNames]: [number[], string[]] = [[], []];
  const stack: { readonly bracket: string; readonly className: string }[] = [];
  let header: Header | undefined;
  let previous = '';
  let index = 0;
  const open = (bracket: string, className = ''): void => {
    stack.push({ bracket, className });
    offsets.push(index);
    classNames.push(className);
  };
  const readWith = (pattern: RegExp): string => {
    pattern.lastIndex = index;
    const text = pattern.exec(code)?.[0] ?? '';
    index += text.length;
    return text;
  };
  /** Reads the text of a template up to its end or the next expression in it. */
  const readTemplate = (): void => {
    readWith(templateText);
    if (code[index] === '`') previous = ')';
    else open('${');
    index += code[index] === '`' ? 1 : 2;
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
      readTemplate();
      continue;
    }
    if (text === '(' || text === '[' || text === '{') {
      const isBody = text === '{' && header?.depth === stack.length && header.angles <= 0;
      open(text, isBody ? header?.name : '');
      if (isBody) header = undefined;
    } else if (closers.has(text)) {
      const closed = stack.pop()?.bracket;
      offsets.push(index);
      classNames.push(stack.at(-1)?.className ?? '');
      if (closed === '${' && text === '}') {
        readTemplate();
        continue;
      }
      if (closed !== closers.get(text)) return undefined;
    } else if (text === 'class' && previous !== '.') header = readHeader(code, start, stack.length) ?? header;
    else if (header && text === '<') header.angles++;
    else if (header && text === '>') header.angles--;
    previous = text.length > 1 && /^['"/]/.test(text) ? ')' : text;
  }
  return stack.length === 0 ? { offsets, classNames } : undefined;
}

/** Returns the header of the class whose keyword is at this offset; undefined if the word is not a keyword there. */
function readHeader(code: string, start: number, depth: number): Header | undefined {
  const after =
    /^class(?:\s+(?!extends\b|implements\b)([\p{ID_Start}$_][\p{ID_Continue}$]*)|\s*(?=\{|<)|\s+(?=extends\b|implements\b))/u.exec(
      code.slice(start, start + 300),
    );
  if (!after) return undefined;
  const before = code.slice(Math.max(0, start - 200), start);
  const assigned =
    /([\p{ID_Continue}$.#]+)\s*[=:]\s*$/u.exec(before)?.[1] ?? (/\bexport\s+default\s*$/.test(before) ? 'default' : '');
  return { name: after[1] ?? assigned, depth, angles: 0 };
}
