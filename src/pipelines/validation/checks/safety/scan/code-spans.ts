/** Where the comments and strings of a source stand: a word in a string is no code, and one in a comment is a remark. */
import { blanks } from '../../../check/source-code.ts';
import { ecmascriptSpans } from './ecmascript-spans.ts';

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

interface Family {
  readonly id: FamilyId;
  /** Extensions, or whole names. */
  readonly names: readonly string[];
  /** What is no code, in order; or a reader where a pattern is not enough. */
  readonly read: RegExp | ((text: string) => Span[]);
  /** People write programs in it: strange characters there are no translation. */
  readonly source: boolean;
}

const quotes = `"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'`;
const slashes = '\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)';
/** Behind a word or `$` the sign is no comment, as in the shell's `\${#list}`. */
const hashes = '(?<![\\w$\\\\{&])#[^\\n]*';
const pattern = (...parts: string[]): RegExp => new RegExp(parts.join('|'), 'g');

const families: readonly Family[] = [
  { id: 'typescript', names: list('ts mts cts tsx'), read: ecmascriptSpans, source: true },
  { id: 'javascript', names: list('js mjs cjs jsx'), read: ecmascriptSpans, source: true },
  { id: 'python', names: list('py pyi pyw'), read: blanks.python, source: true },
  { id: 'rust', names: ['rs'], read: blanks.rust, source: true },
  { id: 'go', names: ['go'], read: blanks.go, source: true },
  { id: 'ruby', names: list('rb rake gemspec'), read: pattern(quotes, '^=begin[\\s\\S]*?^=end', hashes), source: true },
  { id: 'php', names: ['php'], read: pattern(quotes, slashes, hashes), source: true },
  {
    id: 'c',
    names: list(
      'c h cc cpp cxx hh hpp hxx m mm java kt kts cs swift scala dart groovy gradle proto zig sol css scss less',
    ),
    read: pattern(slashes, quotes),
    source: true,
  },
  {
    id: 'hash',
    names: list('sh bash zsh fish pl pm r ex exs nim jl tf ps1 yaml yml toml cmake mk Makefile Dockerfile Justfile'),
    read: pattern(quotes, hashes),
    source: true,
  },
  {
    id: 'dash',
    names: list('sql lua hs elm adb ads vhd'),
    read: pattern(quotes, '--[^\\n]*', '\\/\\*[\\s\\S]*?\\*\\/'),
    source: true,
  },
  {
    id: 'markup',
    names: list('html htm xml md mdx'),
    read: pattern('<!--[\\s\\S]*?(?:-->|$)'),
    source: false,
  },
  {
    id: 'component',
    names: list('vue svelte astro'),
    // An apostrophe in a text is no quote; `//` behind a colon is an address.
    read: pattern('<!--[\\s\\S]*?(?:-->|$)', '\\/\\*[\\s\\S]*?\\*\\/', '(?<![:\\w"\'])\\/\\/[^\\n]*'),
    source: false,
  },
];

function list(names: string): string[] {
  return names.split(' ');
}

const byName = new Map(families.flatMap((family) => family.names.map((name) => [name, family])));

/** By the whole name or the extension; nothing for what is not known. */
function familyOf(file: string): Family | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return byName.get(name) ?? byName.get(name.slice(name.lastIndexOf('.') + 1));
}

export const familyIdOf = (file: string): FamilyId | undefined => familyOf(file)?.id;
export const isSource = (file: string): boolean => familyOf(file)?.source ?? false;

/** In the order of the text; they do not overlap. */
export function spansOf(text: string, id: FamilyId): Span[] {
  const read = families.find((family) => family.id === id)?.read;
  if (!read) return [];
  if (typeof read === 'function') return read(text);
  return [...text.matchAll(read)].map(({ 0: found, index }) => ({
    kind: /^(?:["'`]|b?r#*"|[bru]{1,2}["'])/i.test(found) ? 'string' : 'comment',
    start: index,
    end: index + found.length,
  }));
}

/** The same text, of the same length and lines, with spaces where comments and strings were. */
export function codeIn(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), text.slice(start, end).replace(/[^\n]/g, ' '));
    at = end;
  }
  return parts.join('') + text.slice(at);
}
