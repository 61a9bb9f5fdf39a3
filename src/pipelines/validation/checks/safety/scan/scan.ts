/** Applies the scan rules to the text of one file. */
import { closingBracketEnd } from '../../../check/source-code.ts';
import { blankSpans, type FamilyId, familyIdOf, findSpans, isSource, type Span } from './code-spans.ts';
import { type RuleTopic, type ScanRule, scanRules } from './scan-rules.ts';

/** A match of a rule. The names are short, because thousands of matches are cached between runs. */
export interface RuleMatch {
  /** Id of a rule, or `bidi`. */
  readonly rule: string;
  readonly line: number;
  /** The line without surrounding whitespace, truncated to `maxLineLength`. */
  readonly text: string;
  /** Name of the comment by which the file's author accepts the line. */
  readonly allowedBy?: string;
}

interface RuleOffset {
  readonly rule: string;
  readonly offset: number;
}

const maxLineLength = 160;

const rulesByFamily = new Map<FamilyId, readonly ScanRule[]>();

function rulesFor(family: FamilyId): readonly ScanRule[] {
  const rules = rulesByFamily.get(family) ?? scanRules.filter(({ families }) => !families || families.includes(family));
  rulesByFamily.set(family, rules);
  return rules;
}

export const topicOf = (rule: string): RuleTopic | undefined => scanRules.find(({ id }) => id === rule)?.topic;
export const titleOf = (rule: string): string => scanRules.find(({ id }) => id === rule)?.title ?? rule;

/** Returns true if the match only counts if it is confirmed as a call. */
export const needsConfirmation = ({ rule }: RuleMatch): boolean =>
  scanRules.some(({ id, mustBeCall }) => id === rule && mustBeCall);

/** Returns all matches in a file, in the order of the text. Files of unknown languages have none. */
export function scanText(file: string, text: string, isTest: boolean): RuleMatch[] {
  const family = familyIdOf(file);
  if (!family) return [];
  const rules = rulesFor(family).filter(({ includesTests }) => includesTests || !isTest);
  const spans = findSpans(text, family);
  const code = rules.some(({ where }) => where === 'code') ? extractCode(text, spans, family) : '';
  const matches: RuleOffset[] = [];
  for (const rule of rules) {
    if (rule.requires && !rule.requires.test(code)) continue;
    if (rule.excludes?.test(text)) continue;
    if (rule.where === 'code') matches.push(...findMatches(code, rule, 0));
    else {
      for (const { kind, start, end } of spans) {
        if (kind === 'comment') matches.push(...findMatches(text.slice(start, end), rule, start));
      }
    }
  }
  if (isSource(file)) matches.push(...findBidiMarks(text, spans).map((offset) => ({ rule: 'bidi', offset })));
  const reported = matches.filter(({ rule, offset }) => rule !== 'unsafe' || !hasSafetyComment(text, offset));
  return toRuleMatches(text, reported);
}

function extractCode(text: string, spans: readonly Span[], family: FamilyId): string {
  const code = blankSpans(text, spans);
  return family === 'rust' ? blankRustTests(code) : code;
}

/** Replaces Rust unit tests by spaces, because they are in the same file as the code they test. */
function blankRustTests(code: string): string {
  let result = code;
  for (const { 0: attribute, index } of code.matchAll(
    /#\[(?:cfg\((?:all\()?test\b[^\]]*|(?:\w+::)*test(?:\([^\]]*\))?)\]/g,
  )) {
    const open = result.indexOf('{', index + attribute.length);
    const end = result.indexOf(';', index + attribute.length);
    if (open < 0 || (end >= 0 && end < open)) continue;
    const close = closingBracketEnd(result, open);
    result = result.slice(0, index) + result.slice(index, close).replace(/[^\n]/g, ' ') + result.slice(close);
  }
  return result;
}

function findMatches(text: string, { id, pattern }: ScanRule, offset: number): RuleOffset[] {
  return [...text.matchAll(pattern)].map((match) => {
    const matched = match.slice(1).find((group) => group !== undefined) ?? match[0];
    return { rule: id, offset: offset + match.index + match[0].indexOf(matched) };
  });
}

/**
 * Returns true if an unsafe block has a comment that explains why it is sound. By Rust's convention, the comment starts
 * with SAFETY and is directly before the block or at its start.
 */
function hasSafetyComment(text: string, offset: number): boolean {
  const linesBefore = text
    .slice(Math.max(0, offset - 2000), offset)
    .split('\n')
    .slice(0, -1);
  const comment: string[] = [];
  for (let line = linesBefore.pop(); line !== undefined; line = linesBefore.pop()) {
    // The statement may start in a line above the block, so code lines are skipped until the previous statement ends.
    if (/^\s*(?:\/\/|\/\*|\*|#\[)/.test(line)) comment.push(line);
    else if (comment.length > 0 || /[;{}]\s*$/.test(line) || line.trim() === '') break;
  }
  const blockStart = text
    .slice(offset, offset + 300)
    .split('\n')
    .slice(0, 3)
    .join('\n');
  return /\b(?:safe|safety|sound)\b/i.test(comment.join('\n')) || /\/[/*]\s*safety\b/i.test(blockStart);
}

const openingMark = /[\u202A\u202B\u202D\u202E\u2066\u2067\u2068]/;
const bidiMark = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * Returns the offsets of bidirectional control characters that make code look different (CVE-2021-42574): all in code, and
 * the unclosed ones in comments and strings, because only these affect the text after them.
 */
function findBidiMarks(text: string, spans: readonly Span[]): number[] {
  if (text.search(bidiMark) < 0) return [];
  const inSpans = spans.flatMap((span) => findUnclosedMarks(text, span));
  const inCode = [...blankSpans(text, spans).matchAll(bidiMark)].map(({ index }) => index);
  return [...inCode, ...inSpans].sort((a, b) => a - b);
}

/** Checks each line of a span separately, because the end of a line closes all bidirectional characters. */
function findUnclosedMarks(text: string, { start, end }: Span): number[] {
  const offsets: number[] = [];
  let lineStart = start;
  for (const line of text.slice(start, end).split('\n')) {
    const open: number[] = [];
    for (const { 0: mark, index } of line.matchAll(bidiMark)) {
      if (openingMark.test(mark)) open.push(lineStart + index);
      else if (open.pop() === undefined) offsets.push(lineStart + index);
    }
    offsets.push(...open);
    lineStart += line.length + 1;
  }
  return offsets;
}

function toRuleMatches(text: string, matches: readonly RuleOffset[]): RuleMatch[] {
  let [line, lineStart] = [1, 0];
  return matches
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ rule, offset }) => {
      for (let end = text.indexOf('\n', lineStart); end >= 0 && end < offset; end = text.indexOf('\n', lineStart)) {
        line++;
        lineStart = end + 1;
      }
      const end = text.indexOf('\n', lineStart);
      const lineText = text.slice(lineStart, end < 0 ? undefined : end).trim();
      return { rule, line, text: lineText.slice(0, maxLineLength) };
    });
}
