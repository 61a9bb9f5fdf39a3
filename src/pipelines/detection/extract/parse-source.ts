/** Parses a source, and parses an equivalent of it if the grammar rejects it although it is valid. */
import type { Tree } from 'web-tree-sitter';
import type { LoadedLanguage } from './load-language.ts';
import type { TypeImport } from './normalized-source.ts';
import { parseFile, reportFirstError } from './parse-file.ts';

export interface ParsedSource {
  /** Trees whose nodes have the offsets of the source. The caller must delete them. */
  readonly trees: readonly Tree[];
  /** Modules that types import, unless the trees contain these imports. */
  readonly typeImports: readonly TypeImport[];
  /** Description of the first syntax error. */
  readonly syntaxError?: string;
}

/** Throws an `ExtractionError` if a limit is exceeded. */
export async function parseSource(loaded: LoadedLanguage, source: string): Promise<ParsedSource> {
  const characters = normalizeCharacters(source);
  const text = loaded.language.replaceMisread?.(characters) ?? characters;
  const tree = parseFile(loaded, text);
  if (!tree.rootNode.hasError) return { trees: [tree], typeImports: [] };
  const parsed = await parseEquivalent(loaded, text);
  if (!parsed) return { trees: [tree], typeImports: [], syntaxError: reportFirstError(tree.rootNode) };
  tree.delete();
  return parsed;
}

/**
 * Replaces characters that the grammars read differently from the languages: a lone carriage return ends a line, and a NUL in a
 * literal is a character of it.
 */
function normalizeCharacters(source: string): string {
  const text = source.includes('\r') ? source.replace(/\r(?!\n)/g, '\n') : source;
  return text.includes('\0') ? text.replaceAll('\0', ' ') : text;
}

/**
 * Parses an equivalent of the source that the grammar supports. Returns undefined if the source has syntax errors or the grammar
 * rejects its equivalents too.
 */
export async function parseEquivalent(loaded: LoadedLanguage, source: string): Promise<ParsedSource | undefined> {
  const { language } = loaded;
  const normalize = await language.loadNormalizer?.();
  for (const { text, detached, typeImports } of normalize?.(normalizeCharacters(source), language.id) ?? []) {
    const trees = [text, ...(detached ? [detached] : [])].map((part) => parseFile(loaded, part));
    if (!trees.some(({ rootNode }) => rootNode.hasError)) return { trees, typeImports };
    for (const rejected of trees) rejected.delete();
  }
  return undefined;
}
