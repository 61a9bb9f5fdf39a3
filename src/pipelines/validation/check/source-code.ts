/** Blanks comments and strings in source text, so that text rules see only code. */

/** Languages for which the call facts of the detection pipeline are not sufficient. */
export type CodeLanguage = 'python' | 'rust' | 'go';

/** Matches Rust block comments, which nest, up to three levels deep. */
const nestedComment = [0, 1, 2].reduce(
  (inner) => `/\\*(?:(?!/\\*|\\*/)[\\s\\S]${inner && `|${inner}`})*(?:\\*/|$)`,
  '',
);

/** Patterns of comments and strings; the first matching alternative wins. An unclosed one ends with the text or line. */
export const nonCodePatterns: Readonly<Record<CodeLanguage, RegExp>> = {
  python: /#[^\n]*|("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/g,
  rust: new RegExp(
    `//[^\\n]*|${nestedComment}|\\bb?r(#*)"[\\s\\S]*?(?:"\\1|$)|"(?:\\\\[\\s\\S]|[^"\\\\])*"?|'(?:\\\\(?:u\\{[^}]*\\}|x..|.)|[^'\\\\\\n])'`,
    'g',
  ),
  go: /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|`[^`]*`?|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'/g,
};

/** Replaces comments and strings with spaces. Keeps the length and the line breaks, so that offsets stay valid. */
export function blankNonCode(text: string, language: CodeLanguage): string {
  return text.replace(nonCodePatterns[language], (match) => match.replace(/[^\n]/g, ' '));
}

/** Returns the 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < offset; index = text.indexOf('\n', index + 1)) line++;
  return line;
}

/** Returns the offset after the bracket that closes the one at `open`, or the end of the text if it is not closed. */
export function closingBracketEnd(code: string, open: number): number {
  let depth = 0;
  for (let index = open; index < code.length; index++) {
    const character = code[index];
    if (character === '{' || character === '(' || character === '[') depth++;
    else if ((character === '}' || character === ')' || character === ']') && --depth === 0) return index + 1;
  }
  return code.length;
}
