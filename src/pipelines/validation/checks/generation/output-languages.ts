/**
 * Rules that prove from a change of a source that an output is out of date. They ignore changes that may not affect the
 * output.
 */
import type { MarkedFile } from './marked-files.ts';

interface OutputLanguage {
  readonly source: RegExp;
  /** Matches outputs that contain the names of the source. Others, such as service stubs, may not change with it. */
  readonly output: RegExp;
  /** Matches the generator's mark in such outputs. */
  readonly mark: RegExp;
  readonly proof: StalenessProof;
}

/** Returns a sentence that proves that the output is out of date, or undefined if nothing proves it. */
export type StalenessProof = (
  source: string,
  sourceBefore: string,
  sourceNow: string,
  output: string,
) => string | undefined;

const comments = /\/\/[^\n]*|--[^\n]*|\/\*[\s\S]*?\*\//g;
const normalize = (text: string): string => text.replace(comments, ' ').replace(/\s+/g, ' ').trim();
/** Removes case and underscores, because generators write `foo_bar` as `FooBar` or `fooBar`. */
const foldCase = (text: string): string => text.replaceAll('_', '').toLowerCase();

/** Creates a proof from names that the source has gained and the output does not contain. */
const proveMissingName =
  (findNames: (source: string) => Iterable<string>): StalenessProof =>
  (source, sourceBefore, sourceNow, output) => {
    const namesBefore = new Set(findNames(normalize(sourceBefore)));
    const foldedOutput = foldCase(output);
    const missing = [...findNames(normalize(sourceNow))].find(
      (name) => !namesBefore.has(name) && !foldedOutput.includes(foldCase(name)),
    );
    return missing && `${source} has gained “${missing}” since this file was generated, but it is missing here.`;
  };

/** Names of messages, enums, fields and enum values. The output contains all of them. */
const protoNames = /\b(?:message|enum)\s+(\w+)|(\w+)\s*=\s*-?\d+\s*[;[]/g;
/** Names in calls of sqlc's own functions, which it replaces. The rest of a query is copied to the output. */
const sqlcFunctions = /^(?:sqlc|n?arg|slice|embed)$/;

const languages: readonly OutputLanguage[] = [
  {
    source: /\.proto$/,
    output: /\.pb\.(?:go|h|cc)$|_pb2\.pyi?$|_pb\.(?:js|ts|d\.ts)$/,
    mark: /\bprotoc-gen-(?:go|es|js)\b(?!-)|protocol buffer compiler/i,
    proof: proveMissingName((text) => [...text.matchAll(protoNames)].map((match) => (match[1] ?? match[2]) as string)),
  },
  {
    source: /\.sql$/,
    output: /[._]sql\.(?:go|ts|py)$/,
    mark: /\bsqlc\b/,
    proof: proveMissingName((text) => (text.match(/[a-z_]\w{2,}/gi) ?? []).filter((name) => !sqlcFunctions.test(name))),
  },
];

export const findProof = (source: string, { file, text }: MarkedFile): StalenessProof | undefined =>
  languages.find((language) => language.source.test(source) && language.output.test(file) && language.mark.test(text))
    ?.proof;

/** Minimum length of a line that proves staleness. Shorter lines are too common. */
const minLineLength = 12;
const trimmedLines = (text: string): Set<string> => new Set(text.split('\n').map((line) => line.trim()));

/** Proves staleness by a line without tags that the template has lost and the output still has. */
export const proveLostLine: StalenessProof = (source, sourceBefore, sourceNow, output) => {
  // The line may come from another template.
  if (/\{%-?\s*(?:include|import|extends|from)\b/.test(sourceNow)) return undefined;
  const [linesNow, outputLines] = [trimmedLines(sourceNow), trimmedLines(output)];
  const lost = [...trimmedLines(sourceBefore)].find(
    (line) => line.length >= minLineLength && !/\{[{%#]/.test(line) && !linesNow.has(line) && outputLines.has(line),
  );
  return lost && `${source} has lost the line “${lost}” since this file was generated, but it is still here.`;
};

/** Proves staleness of a file that equals the previous version of its source. */
export const proveOldCopy: StalenessProof = (source, sourceBefore, sourceNow, output) =>
  normalize(sourceBefore) === normalize(output) && normalize(sourceNow) !== normalize(output)
    ? `This file is a copy of an earlier version of ${source}.`
    : undefined;
