/** Finds comments and strings in source code, by language family. */
import { nonCodePatterns } from '../../../check/source-code.ts';
import { findEcmascriptSpans } from './ecmascript-spans.ts';

export interface Span {
  readonly kind: 'comment' | 'string';
  readonly start: number;
  readonly end: number;
}

export type FamilyId =
  | 'typescript'
  | 'javascript'
  | 'python'
  | 'rust'
  | 'go'
  | 'ruby'
  | 'php'
  | 'c'
  | 'hash'
  | 'dash'
  | 'markup'
  | 'component';

interface LanguageFamily {
  readonly id: FamilyId;
  /** File extensions or whole file names. */
  readonly names: readonly string[];
  /** Matches comments and strings; a function if a pattern is not enough. */
  readonly nonCode: RegExp | ((text: string) => Span[]);
  /** True for program code, where bidirectional characters are not part of translated text. */
  readonly isSource: boolean;
}

const stringPattern = `"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'`;
const slashCommentPattern = '\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)';
/** A `#` directly after a word or `$` does not start a comment, as in `\${#list}` in shell scripts. */
const hashCommentPattern = '(?<![\\w$\\\\{&])#[^\\n]*';
const anyOf = (...parts: string[]): RegExp => new RegExp(parts.join('|'), 'g');

const families: readonly LanguageFamily[] = [
  { id: 'typescript', names: splitWords('ts mts cts tsx'), nonCode: findEcmascriptSpans, isSource: true },
  { id: 'javascript', names: splitWords('js mjs cjs jsx'), nonCode: findEcmascriptSpans, isSource: true },
  { id: 'python', names: splitWords('py pyi pyw'), nonCode: nonCodePatterns.python, isSource: true },
  { id: 'rust', names: ['rs'], nonCode: nonCodePatterns.rust, isSource: true },
  { id: 'go', names: ['go'], nonCode: nonCodePatterns.go, isSource: true },
  {
    id: 'ruby',
    names: splitWords('rb rake gemspec'),
    nonCode: anyOf(stringPattern, '^=begin[\\s\\S]*?^=end', hashCommentPattern),
    isSource: true,
  },
  { id: 'php', names: ['php'], nonCode: anyOf(stringPattern, slashCommentPattern, hashCommentPattern), isSource: true },
  {
    id: 'c',
    names: splitWords(
      'c h cc cpp cxx hh hpp hxx m mm java kt kts cs swift scala dart groovy gradle proto zig sol css scss less',
    ),
    nonCode: anyOf(slashCommentPattern, stringPattern),
    isSource: true,
  },
  {
    id: 'hash',
    names: splitWords(
      'sh bash zsh fish pl pm r ex exs nim jl tf ps1 yaml yml toml cmake mk Makefile Dockerfile Justfile',
    ),
    nonCode: anyOf(stringPattern, hashCommentPattern),
    isSource: true,
  },
  {
    id: 'dash',
    names: splitWords('sql lua hs elm adb ads vhd'),
    nonCode: anyOf(stringPattern, '--[^\\n]*', '\\/\\*[\\s\\S]*?\\*\\/'),
    isSource: true,
  },
  {
    id: 'markup',
    names: splitWords('html htm xml md mdx'),
    nonCode: anyOf('<!--[\\s\\S]*?(?:-->|$)'),
    isSource: false,
  },
  {
    id: 'component',
    names: splitWords('vue svelte astro'),
    // Strings are not matched, because text has apostrophes. `//` after a colon is part of a URL.
    nonCode: anyOf('<!--[\\s\\S]*?(?:-->|$)', '\\/\\*[\\s\\S]*?\\*\\/', '(?<![:\\w"\'])\\/\\/[^\\n]*'),
    isSource: false,
  },
];

function splitWords(names: string): string[] {
  return names.split(' ');
}

const familiesByName = new Map(families.flatMap((family) => family.names.map((name) => [name, family])));

function findFamily(file: string): LanguageFamily | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return familiesByName.get(name) ?? familiesByName.get(name.slice(name.lastIndexOf('.') + 1));
}

export const familyIdOf = (file: string): FamilyId | undefined => findFamily(file)?.id;
export const isSource = (file: string): boolean => findFamily(file)?.isSource ?? false;

/** Returns the comments and strings of a text in order and without overlap. */
export function findSpans(text: string, id: FamilyId): Span[] {
  const nonCode = families.find((family) => family.id === id)?.nonCode;
  if (!nonCode) return [];
  if (typeof nonCode === 'function') return nonCode(text);
  return [...text.matchAll(nonCode)].map(({ 0: span, index }) => ({
    kind: /^(?:["'`]|b?r#*"|[bru]{1,2}["'])/i.test(span) ? 'string' : 'comment',
    start: index,
    end: index + span.length,
  }));
}

/** Replaces spans by spaces. Length and line breaks of the text do not change. */
export function blankSpans(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let previousEnd = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(previousEnd, start), text.slice(start, end).replace(/[^\n]/g, ' '));
    previousEnd = end;
  }
  return parts.join('') + text.slice(previousEnd);
}
