/** Looks through one source for all that the rules name, each place with its line. */
import { closeOf } from '../../../check/source-code.ts';
import { codeIn, type FamilyId, familyIdOf, isSource, type Span, spansOf } from './code-spans.ts';
import { type Rule, rules, type Topic } from './scan-rules.ts';

/** Short names: thousands of them are remembered between runs. */
export interface Hit {
  /** Id of a rule, or `bidi`. */
  readonly rule: string;
  readonly line: number;
  /** The line without its margins, cut. */
  readonly text: string;
}

/** Of a line that is shown. */
const mostText = 160;

const byFamily = new Map<FamilyId, readonly Rule[]>();

function rulesFor(family: FamilyId): readonly Rule[] {
  const known = byFamily.get(family) ?? rules.filter(({ families }) => !families || families.includes(family));
  byFamily.set(family, known);
  return known;
}

export const topicOf = (rule: string): Topic | undefined => rules.find(({ id }) => id === rule)?.topic;
/** The hit counts only where it is a call. */
export const isCall = ({ rule }: Hit): boolean => rules.some(({ id, call }) => id === rule && call);
export const titleOf = (rule: string): string => rules.find(({ id }) => id === rule)?.title ?? rule;

export function sweep(file: string, text: string, isTest: boolean): Hit[] {
  const family = familyIdOf(file);
  if (!family) return [];
  const wanted = rulesFor(family).filter(({ tests }) => tests || !isTest);
  const spans = spansOf(text, family);
  const code = wanted.some(({ where }) => where === 'code') ? codeOf(text, spans, family) : '';
  const places: { rule: string; offset: number }[] = [];
  for (const rule of wanted) {
    if (rule.needs && !rule.needs.test(code)) continue;
    if (rule.where === 'code') places.push(...placesIn(code, rule, 0));
    else {
      for (const { kind, start, end } of spans) {
        if (kind === 'comment') places.push(...placesIn(text.slice(start, end), rule, start));
      }
    }
  }
  if (isSource(file)) places.push(...bidiIn(text, spans).map((offset) => ({ rule: 'bidi', offset })));
  const told = places.filter(({ rule, offset }) => rule !== 'unsafe' || !isExplained(text, offset));
  return withLines(text, told);
}

function codeOf(text: string, spans: readonly Span[], family: FamilyId): string {
  const code = codeIn(text, spans);
  return family === 'rust' ? withoutTests(code) : code;
}

/** Unit tests of Rust stand in the file that they test. */
function withoutTests(code: string): string {
  let out = code;
  for (const { 0: found, index } of code.matchAll(
    /#\[(?:cfg\((?:all\()?test\b[^\]]*|(?:\w+::)*test(?:\([^\]]*\))?)\]/g,
  )) {
    const open = out.indexOf('{', index + found.length);
    const end = out.indexOf(';', index + found.length);
    if (open < 0 || (end >= 0 && end < open)) continue;
    const close = closeOf(out, open);
    out = out.slice(0, index) + out.slice(index, close).replace(/[^\n]/g, ' ') + out.slice(close);
  }
  return out;
}

function placesIn(text: string, { id, pattern }: Rule, offset: number): { rule: string; offset: number }[] {
  return [...text.matchAll(pattern)].map((match) => {
    const word = match.slice(1).find((group) => group !== undefined) ?? match[0];
    return { rule: id, offset: offset + match.index + match[0].indexOf(word) };
  });
}

/** Rust's custom: a comment that begins with SAFETY, right before the block or first in it, says why it is sound. */
function isExplained(text: string, offset: number): boolean {
  const before = text
    .slice(Math.max(0, offset - 2000), offset)
    .split('\n')
    .slice(0, -1);
  const remark: string[] = [];
  for (let line = before.pop(); line !== undefined; line = before.pop()) {
    // The statement may begin in a line above the block.
    if (/^\s*(?:\/\/|\/\*|\*|#\[)/.test(line)) remark.push(line);
    else if (remark.length > 0 || /[;{}]\s*$/.test(line) || line.trim() === '') break;
  }
  const inside = text
    .slice(offset, offset + 300)
    .split('\n')
    .slice(0, 3)
    .join('\n');
  return /\b(?:safe|safety|sound)\b/i.test(remark.join('\n')) || /\/[/*]\s*safety\b/i.test(inside);
}

const opening = /[\u202A\u202B\u202D\u202E\u2066\u2067\u2068]/;
const marks = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * Marks of direction that let a text look other than it is (CVE-2021-42574): all in code; in a comment or a string
 * those that are not closed where it ends, since only they reach over it.
 */
function bidiIn(text: string, spans: readonly Span[]): number[] {
  if (text.search(marks) < 0) return [];
  const inSpans = spans.flatMap((span) => unclosed(text, span));
  const inCode = [...codeIn(text, spans).matchAll(marks)].map(({ index }) => index);
  return [...inCode, ...inSpans].sort((a, b) => a - b);
}

/** A line's end closes all for the one who draws it, so each line counts by itself. */
function unclosed(text: string, { start, end }: Span): number[] {
  const found: number[] = [];
  let at = start;
  for (const line of text.slice(start, end).split('\n')) {
    const open: number[] = [];
    for (const { 0: mark, index } of line.matchAll(marks)) {
      if (opening.test(mark)) open.push(at + index);
      else if (open.pop() === undefined) found.push(at + index);
    }
    found.push(...open);
    at += line.length + 1;
  }
  return found;
}

function withLines(text: string, places: readonly { rule: string; offset: number }[]): Hit[] {
  let [line, from] = [1, 0];
  return places
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ rule, offset }) => {
      for (let end = text.indexOf('\n', from); end >= 0 && end < offset; end = text.indexOf('\n', from)) {
        line++;
        from = end + 1;
      }
      const end = text.indexOf('\n', from);
      return {
        rule,
        line,
        text: text
          .slice(from, end < 0 ? undefined : end)
          .trim()
          .slice(0, mostText),
      };
    });
}
