/** Languages of sources: what in a source proves that an output is older. What may leave an output as it is, does not. */
import type { Marked } from './marked-files.ts';

interface Language {
  readonly source: RegExp;
  /** Of outputs that hold what the source names; others, such as stubs of services, may stay as they are. */
  readonly output: RegExp;
  /** How the generator of such outputs marks them. */
  readonly mark: RegExp;
  readonly proof: Proof;
}

/** A sentence of what proves that an output is older than its source; nothing where nothing does. */
export type Proof = (source: string, before: string, now: string, output: string) => string | undefined;

const comments = /\/\/[^\n]*|--[^\n]*|\/\*[\s\S]*?\*\//g;
const plain = (text: string): string => text.replace(comments, ' ').replace(/\s+/g, ' ').trim();
/** Generators write `foo_bar` as `FooBar` or `fooBar`. */
const folded = (text: string): string => text.replaceAll('_', '').toLowerCase();

/** New names of a source that its output does not have. */
const newNames =
  (namesOf: (plain: string) => Iterable<string>): Proof =>
  (source, before, now, output) => {
    const known = new Set(namesOf(plain(before)));
    const written = folded(output);
    const missing = [...namesOf(plain(now))].find((name) => !known.has(name) && !written.includes(folded(name)));
    return missing && `${source} has gained “${missing}” since this was written, and this does not have it.`;
  };

/** Messages, enumerations, their fields and values: each has its name in the output. */
const declared = /\b(?:message|enum)\s+(\w+)|(\w+)\s*=\s*-?\d+\s*[;[]/g;
/** sqlc writes a query as it is, but for its own calls. */
const own = /^(?:sqlc|n?arg|slice|embed)$/;

const languages: readonly Language[] = [
  {
    source: /\.proto$/,
    output: /\.pb\.(?:go|h|cc)$|_pb2\.pyi?$|_pb\.(?:js|ts|d\.ts)$/,
    mark: /\bprotoc-gen-(?:go|es|js)\b(?!-)|protocol buffer compiler/i,
    proof: newNames((text) => [...text.matchAll(declared)].map((match) => (match[1] ?? match[2]) as string)),
  },
  {
    source: /\.sql$/,
    output: /[._]sql\.(?:go|ts|py)$/,
    mark: /\bsqlc\b/,
    proof: newNames((text) => (text.match(/[a-z_]\w{2,}/gi) ?? []).filter((word) => !own.test(word))),
  },
];

export const proofFor = (source: string, { file, text }: Marked): Proof | undefined =>
  languages.find((one) => one.source.test(source) && one.output.test(file) && one.mark.test(text))?.proof;

/** Shorter ones stand in many texts. */
const shortestLine = 12;
const linesOf = (text: string): Set<string> => new Set(text.split('\n').map((line) => line.trim()));

/** A line without tags that a template has lost cannot stand in what it writes, but by way of another template. */
export const lostLine: Proof = (source, before, now, output) => {
  if (/\{%-?\s*(?:include|import|extends|from)\b/.test(now)) return undefined;
  const [left, written] = [linesOf(now), linesOf(output)];
  const lost = [...linesOf(before)].find(
    (line) => line.length >= shortestLine && !/\{[{%#]/.test(line) && !left.has(line) && written.has(line),
  );
  return lost && `${source} has lost the line “${lost}” since this was written, and this still has it.`;
};

export const copied: Proof = (source, before, now, output) =>
  plain(before) === plain(output) && plain(now) !== plain(output)
    ? `This was a copy of ${source}, and is not any more.`
    : undefined;
