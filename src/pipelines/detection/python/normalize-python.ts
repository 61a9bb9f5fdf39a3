/** Rewrites Python that the grammar of tree-sitter misreads or rejects although it is valid. */
import type { NormalizedSource } from '../extract/normalized-source.ts';

/** A statement that starts with the call of `type`, in which the grammar sees a type alias. */
const typeCall = /(^[ \t\f]*|[;:][ \t]*)type(?=[ \t]*\()/gm;

/** Replaces the name in a call of `type` at the start of a statement. The content of strings may change too. */
export function replaceMisreadPython(source: string): string {
  return source.includes('type') ? source.replace(typeCall, '$1____') : source;
}

/** Rules for rejected sources, each of which keeps the length. To support more syntax, add a row and a sample in the tests. */
const rules: readonly ((source: string) => string)[] = [
  // Template strings of Python 3.14: t'…' and rt'…'
  (source) => source.replace(/(?<![\w'"])([rR]?)[tT]([rR]?)(?=['"])/g, '$1f$2'),
  // A line break between a dot and a name in brackets
  (source) =>
    source.replace(/(?<=^[^#'"\n]*[\w)\]]\.)[ \t]*\r?\n[ \t]*(?=[^\W\d])/gm, (space) => ' '.repeat(space.length)),
  replaceTypeDefaults,
];

const typeParameters = /\b(?:class|def|type)\s+\w+\s*\[/g;

/** Replaces the `=` of default types (Python 3.13): `[T = x, U: y = z]` becomes `[T : x, U: y | z]`. */
function replaceTypeDefaults(source: string): string {
  return [...source.matchAll(typeParameters)].reduce(
    (text, { index, 0: header }) => replaceDefaultsAfter(text, index + header.length),
    source,
  );
}

/** @param start offset of the first type parameter */
function replaceDefaultsAfter(source: string, start: number): string {
  let text = source;
  let depth = 1;
  let hasBound = false;
  for (let index = start; index < text.length && depth > 0; index++) {
    const character = text[index] as string;
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (depth === 1 && character === ',') hasBound = false;
    else if (depth === 1 && character === ':') hasBound = true;
    else if (depth === 1 && character === '=')
      text = `${text.slice(0, index)}${hasBound ? '|' : ':'}${text.slice(index + 1)}`;
  }
  return text;
}

export function* normalizePython(source: string): Generator<NormalizedSource> {
  const text = rules.reduce((current, rule) => rule(current), replaceMisreadPython(source));
  if (text !== source) yield { text, typeImports: [] };
}
