/** The languages whose calls are found: one row adds one, with its query files and a fixture in the tests. */
import { ecmascript } from '../ecmascript/ecmascript-syntax.ts';
import { python } from '../python/python-syntax.ts';
import type { Syntax } from './facts-builder.ts';

export interface Language {
  readonly id: string;
  /** The longest that fits a name counts. */
  readonly extensions: readonly string[];
  /** Name of the grammar's WebAssembly file. */
  readonly grammar: string;
  /** Query files that belong together, in `queries/`. */
  readonly queries: readonly string[];
  /** What each capture means. */
  readonly syntax: Syntax;
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
    // Declarations have types, but no call: what looks like one is a part of a type.
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

/** Language of a file by its name. */
export function languageOf(name: string): Language | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const [last = '', before = ''] = base.replace(/^\.+/, '').split('.').slice(1).reverse();
  return byExtension.get(`.${before}.${last}`) ?? byExtension.get(`.${last}`);
}
