/** Turtle and SPARQL by their words: strings, names and brackets are whole, and every prefix is declared. */

import type { Fault } from '../../check/findings.ts';
import { lineAt } from '../../check/source-code.ts';

type Language = 'turtle' | 'sparql';

const word = new RegExp(
  [
    '#[^\\n]*',
    // Strings, the long ones first; those that do not end are found by their quote alone.
    '"""(?:\\\\[\\s\\S]|(?!""")[\\s\\S])*"""',
    "'''(?:\\\\[\\s\\S]|(?!''')[\\s\\S])*'''",
    '"(?:\\\\.|[^"\\\\\\n])*"',
    "'(?:\\\\.|[^'\\\\\\n])*'",
    '<[^<>"{}|^`\\\\\\s]*>',
    '@[A-Za-z]+(?:-[A-Za-z0-9]+)*',
    '[?$][\\w\\u00b7-\\uffff]+',
    // A name with a prefix, or a plain word; a dot ends a statement where nothing follows it.
    '(?:[\\p{L}_][\\p{L}\\p{N}_\\u00b7-]*(?:\\.[\\p{L}\\p{N}_\\u00b7-]+)*)?:(?:(?:[\\p{L}\\p{N}_:\\u00b7-]|%[0-9A-Fa-f]{2}|\\\\.)|\\.(?=[\\p{L}\\p{N}_:%\\\\.-]))*',
    '[\\p{L}_][\\p{L}\\p{N}_-]*',
    '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?',
    '\\S',
  ].join('|'),
  'gu',
);
const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** The first fault. */
export function graphFault(text: string, language: Language): Fault | undefined {
  // A query with the marks of a template in it becomes one only when it is filled.
  if (/\{\{|\{%|<%/.test(text)) return undefined;
  const declared = new Set<string>();
  const open: { readonly sign: string; readonly at: number }[] = [];
  const words = [...text.matchAll(word)].filter(([one]) => !one.startsWith('#'));
  for (const [index, match] of words.entries()) {
    const [one] = match;
    const at = match.index;
    if (one === '"' || one === "'")
      return { line: lineAt(text, at), message: 'A string begins here and does not end.' };
    if ('([{'.includes(one)) open.push({ sign: one, at });
    const opening = pairs[one];
    if (opening !== undefined && open.pop()?.sign !== opening)
      return { line: lineAt(text, at), message: `“${one}” closes what is not open.` };
    const colon = /^[\p{L}\p{N}_.·-]*:/u.exec(one)?.[0];
    if (colon === undefined || colon === '_:') continue;
    if (/^@?prefix$/i.test(words[index - 1]?.[0] ?? '')) declared.add(colon);
    else if (!declared.has(colon)) return { line: lineAt(text, at), message: `The prefix “${colon}” is not declared.` };
  }
  const last = open.at(-1);
  if (last) return { line: lineAt(text, last.at), message: `“${last.sign}” is not closed.` };
  return language === 'turtle' ? endFault(text, words) : undefined;
}

/** Each statement ends with a dot; the forms of SPARQL for prefixes have none, and a graph's braces end by themselves. */
function endFault(text: string, words: readonly RegExpMatchArray[]): Fault | undefined {
  const last = words.at(-1);
  if (!last || last[0] === '.' || last[0] === '}') return undefined;
  const third = words.at(-3)?.[0] ?? '';
  if (/^prefix$/i.test(third) || /^base$/i.test(words.at(-2)?.[0] ?? '')) return undefined;
  return { line: lineAt(text, last.index ?? 0), message: 'The last statement does not end with a dot.' };
}
