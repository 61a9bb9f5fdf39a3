/** Finds comments and strings in TypeScript and JavaScript, including nested templates and regular expressions. */
import type { Span } from './code-spans.ts';

/** Matches the next relevant token. Words and closing brackets are needed to interpret a following slash. */
const tokenPattern =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[`/{}]|[\w$]+|[)\]]|[^\s\w$]/g;
/** Matches a template up to its end or up to the next `${`. */
const templatePartPattern = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{|$)/y;
const regexPattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** Keywords before a value. A slash after them starts a regular expression. */
const keywordsBeforeValue = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'delete',
  'throw',
  'await',
  'yield',
  'new',
]);

export function findEcmascriptSpans(text: string): Span[] {
  const spans: Span[] = [];
  /** Number of open braces outside each enclosing template expression. */
  const templateStack: number[] = [];
  let openBraces = 0;
  let previous = '';
  tokenPattern.lastIndex = text.startsWith('#!') ? text.indexOf('\n') >>> 0 : 0;
  const readTemplatePart = (start: number): void => {
    templatePartPattern.lastIndex = start + 1;
    templatePartPattern.exec(text);
    const end = templatePartPattern.lastIndex;
    spans.push({ kind: 'string', start, end });
    tokenPattern.lastIndex = end;
    if (end - start < 2 || !text.startsWith('${', end - 2)) return;
    templateStack.push(openBraces);
    openBraces = 0;
  };
  for (let match = tokenPattern.exec(text); match; match = tokenPattern.exec(text)) {
    const token = match[0];
    const start = match.index;
    if (token.startsWith('//') || token.startsWith('/*')) {
      spans.push({ kind: 'comment', start, end: start + token.length });
      continue;
    }
    if (token.length > 1 && (token[0] === '"' || token[0] === "'")) {
      spans.push({ kind: 'string', start, end: start + token.length });
    } else if (token === '`') readTemplatePart(start);
    else if (token === '{') openBraces++;
    else if (token === '}' && openBraces === 0 && templateStack.length > 0) {
      openBraces = templateStack.pop() ?? 0;
      readTemplatePart(start);
    } else if (token === '}') openBraces--;
    else if (token === '/' && !endsValue(previous)) {
      regexPattern.lastIndex = start;
      const pattern = regexPattern.exec(text);
      if (pattern) {
        spans.push({ kind: 'string', start, end: start + pattern[0].length });
        tokenPattern.lastIndex = regexPattern.lastIndex;
      }
    }
    previous = token;
  }
  return spans;
}

/** Returns true if a slash after the token is not the start of a regular expression: a division, or a closing JSX tag. */
function endsValue(token: string): boolean {
  if (token === '<') return true;
  if (token === ')' || token === ']' || token === '}' || /["'`]$/.test(token)) return true;
  return /^[\w$]/.test(token) && !keywordsBeforeValue.has(token);
}
