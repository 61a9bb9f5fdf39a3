/** The supported languages. To add one, add a row, its query files and a sample in the tests. */
import { ecmascript } from '../ecmascript/ecmascript-syntax.ts';
import { python } from '../python/python-syntax.ts';
import type { LanguageSyntax } from './facts-builder.ts';

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
}

export const languages: readonly Language[] = [
  {
    id: 'typescript',
    extensions: ['.ts', '.mts', '.cts'],
    grammar: 'typescript',
    queries: ['call', 'ecmascript', 'typescript'],
    syntax: ecmascript,
  },
  {
    // Declaration files contain no calls; an `import(…)` in them is part of a type.
    id: 'declaration',
    extensions: ['.d.ts', '.d.mts', '.d.cts'],
    grammar: 'typescript',
    queries: ['ecmascript', 'typescript'],
    syntax: ecmascript,
  },
  {
    id: 'tsx',
    extensions: ['.tsx'],
    grammar: 'tsx',
    queries: ['call', 'ecmascript', 'typescript'],
    syntax: ecmascript,
  },
  {
    id: 'javascript',
    extensions: ['.js', '.mjs', '.cjs', '.jsx'],
    grammar: 'javascript',
    queries: ['call', 'ecmascript', 'javascript'],
    syntax: ecmascript,
  },
  { id: 'python', extensions: ['.py', '.pyi'], grammar: 'python', queries: ['python'], syntax: python },
];

const byExtension = new Map(languages.flatMap((language) => language.extensions.map((ext) => [ext, language])));

/** Returns the language of a file by its extension, or undefined if the language is not supported. */
export function languageOf(name: string): Language | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const [last = '', before = ''] = base.replace(/^\.+/, '').split('.').slice(1).reverse();
  return byExtension.get(`.${before}.${last}`) ?? byExtension.get(`.${last}`);
}
