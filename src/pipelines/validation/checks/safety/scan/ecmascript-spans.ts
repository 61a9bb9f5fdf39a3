/** Comments and strings of TypeScript and JavaScript: templates hold code again, and a slash may begin a pattern. */
import type { Span } from './code-spans.ts';

/** The next thing that matters; words and closing brackets tell what a slash behind them is. */
const token =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[`/{}]|[\w$]+|[)\]]|[^\s\w$]/g;
/** Up to the end of a template or of its part before code. */
const part = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{|$)/y;
const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** Behind these words stands a value, so a slash begins a pattern. */
const beforeValue = new Set([
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

export function ecmascriptSpans(text: string): Span[] {
  const spans: Span[] = [];
  /** Open braces since each template part that is under way. */
  const templates: number[] = [];
  let braces = 0;
  let before = '';
  token.lastIndex = text.startsWith('#!') ? text.indexOf('\n') >>> 0 : 0;
  const template = (start: number): void => {
    part.lastIndex = start + 1;
    part.exec(text);
    const end = part.lastIndex;
    spans.push({ kind: 'string', start, end });
    token.lastIndex = end;
    if (end - start < 2 || !text.startsWith('${', end - 2)) return;
    templates.push(braces);
    braces = 0;
  };
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const found = match[0];
    const start = match.index;
    if (found.startsWith('//') || found.startsWith('/*')) {
      spans.push({ kind: 'comment', start, end: start + found.length });
      continue;
    }
    if (found.length > 1 && (found[0] === '"' || found[0] === "'")) {
      spans.push({ kind: 'string', start, end: start + found.length });
    } else if (found === '`') template(start);
    else if (found === '{') braces++;
    else if (found === '}' && braces === 0 && templates.length > 0) {
      braces = templates.pop() ?? 0;
      template(start);
    } else if (found === '}') braces--;
    else if (found === '/' && !isValue(before)) {
      regex.lastIndex = start;
      const pattern = regex.exec(text);
      if (pattern) {
        spans.push({ kind: 'string', start, end: start + pattern[0].length });
        token.lastIndex = regex.lastIndex;
      }
    }
    before = found;
  }
  return spans;
}

/** Behind a value a slash divides; behind `<` it closes a tag of JSX. */
function isValue(before: string): boolean {
  if (before === '<') return true;
  if (before === ')' || before === ']' || before === '}' || /["'`]$/.test(before)) return true;
  return /^[\w$]/.test(before) && !beforeValue.has(before);
}
