/** Source text without its comments and strings, for rules that read words: a word in a comment is no code. */

/** Those that the detection pipeline's calls are not enough for. */
export type CodeLanguage = 'python' | 'rust' | 'go';

/** Comments nest in Rust; three levels are seen. */
const nested = [0, 1, 2].reduce((inner) => `/\\*(?:(?!/\\*|\\*/)[\\s\\S]${inner && `|${inner}`})*(?:\\*/|$)`, '');

/** What is no code, in order: the first that fits at a place counts. Each ends at the end of the file at the latest. */
export const blanks: Readonly<Record<CodeLanguage, RegExp>> = {
  python: /#[^\n]*|("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/g,
  rust: new RegExp(
    `//[^\\n]*|${nested}|\\bb?r(#*)"[\\s\\S]*?(?:"\\1|$)|"(?:\\\\[\\s\\S]|[^"\\\\])*"?|'(?:\\\\(?:u\\{[^}]*\\}|x..|.)|[^'\\\\\\n])'`,
    'g',
  ),
  go: /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|`[^`]*`?|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'/g,
};

/** The same text, of the same length and lines, with spaces where comments and strings were. */
export function codeOf(text: string, language: CodeLanguage): string {
  return text.replace(blanks[language], (found) => found.replace(/[^\n]/g, ' '));
}

/** From 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Offset after the bracket that closes the one at `open`; the end of the text where none does. */
export function closeOf(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const sign = code[at];
    if (sign === '{' || sign === '(' || sign === '[') depth++;
    else if ((sign === '}' || sign === ')' || sign === ']') && --depth === 0) return at + 1;
  }
  return code.length;
}
