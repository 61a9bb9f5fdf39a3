/** The languages whose calls are found: one row adds one, with its query files and a fixture in the tests. */
import { ecmascript } from './ecmascript/syntax.ts';
import { python } from './python/syntax.ts';
import type { Syntax } from './sweep.ts';

export interface Language {
  readonly id: string;
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
    queries: ['ecmascript', 'typescript'],
    syntax: ecmascript,
  },
  { id: 'tsx', extensions: ['.tsx'], grammar: 'tsx', queries: ['ecmascript', 'typescript'], syntax: ecmascript },
  {
    id: 'javascript',
    extensions: ['.js', '.mjs', '.cjs', '.jsx'],
    grammar: 'javascript',
    queries: ['ecmascript', 'javascript'],
    syntax: ecmascript,
  },
  { id: 'python', extensions: ['.py', '.pyi'], grammar: 'python', queries: ['python'], syntax: python },
];
