/** Checks Turtle and SPARQL by their tokens: strings, names and brackets are complete, and every prefix is declared. */
import type { TextError } from '../../check/findings.ts';
import { lineAt } from '../../check/source-code.ts';

type GraphLanguage = 'turtle' | 'sparql';

const tokenPattern = new RegExp(
  [
    '#[^\\n]*',
    // Strings, long ones first. An unterminated string matches as a single quote character (last alternative).
    '"""(?:\\\\[\\s\\S]|(?!""")[\\s\\S])*"""',
    "'''(?:\\\\[\\s\\S]|(?!''')[\\s\\S])*'''",
    '"(?:\\\\.|[^"\\\\\\n])*"',
    "'(?:\\\\.|[^'\\\\\\n])*'",
    '<[^<>"{}|^`\\\\\\s]*>',
    '@[A-Za-z]+(?:-[A-Za-z0-9]+)*',
    '[?$][\\w\\u00b7-\\uffff]+',
    // A prefixed name, then a keyword. A dot that is not followed by a name character ends the statement.
    '(?:[\\p{L}_][\\p{L}\\p{N}_\\u00b7-]*(?:\\.[\\p{L}\\p{N}_\\u00b7-]+)*)?:(?:(?:[\\p{L}\\p{N}_:\\u00b7-]|%[0-9A-Fa-f]{2}|\\\\.)|\\.(?=[\\p{L}\\p{N}_:%\\\\.-]))*',
    '[\\p{L}_][\\p{L}\\p{N}_-]*',
    '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?',
    '\\S',
  ].join('|'),
  'gu',
);
const openingBrackets: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Returns the first error. */
export function findGraphError(text: string, language: GraphLanguage): TextError | undefined {
  // A query that contains template tags is not valid until it is rendered.
  if (/\{\{|\{%|<%/.test(text)) return undefined;
  const declared = new Set<string>();
  const open: { readonly bracket: string; readonly offset: number }[] = [];
  const matches = [...text.matchAll(tokenPattern)].filter(([token]) => !token.startsWith('#'));
  for (const [index, match] of matches.entries()) {
    const [token] = match;
    const offset = match.index;
    if (token === '"' || token === "'") return { line: lineAt(text, offset), message: 'This string is not closed.' };
    if ('([{'.includes(token)) open.push({ bracket: token, offset });
    const opening = openingBrackets[token];
    if (opening !== undefined && open.pop()?.bracket !== opening)
      return { line: lineAt(text, offset), message: `“${token}” has no matching “${opening}”.` };
    const prefix = /^[\p{L}\p{N}_.·-]*:/u.exec(token)?.[0];
    if (prefix === undefined || prefix === '_:') continue;
    if (/^@?prefix$/i.test(matches[index - 1]?.[0] ?? '')) declared.add(prefix);
    else if (!declared.has(prefix))
      return { line: lineAt(text, offset), message: `The prefix “${prefix}” is not declared.` };
  }
  const last = open.at(-1);
  if (last) return { line: lineAt(text, last.offset), message: `“${last.bracket}” is not closed.` };
  return language === 'turtle' ? findMissingEnd(text, matches) : undefined;
}

/** Reports a last statement without a dot. SPARQL-style declarations and blocks in braces need none. */
function findMissingEnd(text: string, matches: readonly RegExpMatchArray[]): TextError | undefined {
  const last = matches.at(-1);
  if (!last || last[0] === '.' || last[0] === '}') return undefined;
  const thirdLast = matches.at(-3)?.[0] ?? '';
  if (/^prefix$/i.test(thirdLast) || /^base$/i.test(matches.at(-2)?.[0] ?? '')) return undefined;
  return { line: lineAt(text, last.index ?? 0), message: 'The last statement does not end with a dot.' };
}
