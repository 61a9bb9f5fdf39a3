/** The supported languages. To add one, add a row, its query files and a sample in the tests. */
import type { Node } from 'web-tree-sitter';
import { bindDocumentedTypes } from '../ecmascript/ecmascript-jsdoc.ts';
import { ecmascript } from '../ecmascript/ecmascript-syntax.ts';
import { normalizePython, replaceMisreadPython } from '../python/normalize-python.ts';
import { python } from '../python/python-syntax.ts';
import type { FactsBuilder, LanguageSyntax } from './facts-builder.ts';
import type { Normalize } from './normalized-source.ts';

export interface Language {
  readonly id: string;
  /** The longest extension that matches a file name decides its language. */
  readonly extensions: readonly string[];
  /** Name of the grammar's WebAssembly file, without its prefix and extension. */
  readonly grammar: string;
  /** Files in `queries/` that together form the query. */
  readonly queries: readonly string[];
  /** Handlers for the captures of the query. */
  readonly syntax: LanguageSyntax;
  /** Adds facts that no capture stands for, before the captures are handled. */
  readonly prepare?: (builder: FactsBuilder, root: Node) => void;
  /** Replaces code that the grammar misreads without an error by other code of the same length. */
  readonly replaceMisread?: (source: string) => string;
  /** Loads the function that rewrites valid sources for the grammar. */
  readonly loadNormalizer?: () => Promise<Normalize>;
}

const loadEcmascriptNormalizer = async (): Promise<Normalize> =>
  (await import('../ecmascript/normalize/normalize-source.ts')).normalizeSource;

export const languages: readonly Language[] = [
  {
    id: 'typescript',
    extensions: ['.ts', '.mts', '.cts'],
    grammar: 'typescript',
    queries: ['call', 'ecmascript', 'typescript'],
    syntax: ecmascript,
    loadNormalizer: loadEcmascriptNormalizer,
  },
  {
    // Declaration files contain no calls; an `import(…)` in them is part of a type.
    id: 'declaration',
    extensions: ['.d.ts', '.d.mts', '.d.cts'],
    grammar: 'typescript',
    queries: ['ecmascript', 'typescript'],
    syntax: ecmascript,
    loadNormalizer: loadEcmascriptNormalizer,
  },
  {
    id: 'tsx',
    extensions: ['.tsx'],
    grammar: 'tsx',
    queries: ['call', 'ecmascript', 'typescript'],
    syntax: ecmascript,
    loadNormalizer: loadEcmascriptNormalizer,
  },
  {
    id: 'javascript',
    extensions: ['.js', '.mjs', '.cjs', '.jsx'],
    grammar: 'javascript',
    queries: ['call', 'ecmascript', 'javascript'],
    syntax: ecmascript,
    prepare: bindDocumentedTypes,
    loadNormalizer: loadEcmascriptNormalizer,
  },
  {
    id: 'python',
    extensions: ['.py', '.pyi'],
    grammar: 'python',
    queries: ['python'],
    syntax: python,
    replaceMisread: replaceMisreadPython,
    loadNormalizer: async () => normalizePython,
  },
];

const byExtension = new Map(languages.flatMap((language) => language.extensions.map((ext) => [ext, language])));

/** Returns the language of a file by its extension, or undefined if the language is not supported. */
export function languageOf(name: string): Language | undefined {
  const base = name
    .slice(name.lastIndexOf('/') + 1)
    .replace(/^\.+/, '')
    .toLowerCase();
  const last = base.lastIndexOf('.');
  if (last < 0) return undefined;
  const before = base.lastIndexOf('.', last - 1);
  return (before < 0 ? undefined : byExtension.get(base.slice(before))) ?? byExtension.get(base.slice(last));
}
