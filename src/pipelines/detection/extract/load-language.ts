/** Loads the grammar and query of a language once per worker, when its first file is extracted. */
import { existsSync, readFileSync } from 'node:fs';
import { Language as Grammar, Parser, Query } from 'web-tree-sitter';
import { measured } from '../../../probe/api/api.ts';
import type { Language } from './languages.ts';

export interface LoadedLanguage {
  readonly language: Language;
  readonly parser: Parser;
  readonly query: Query;
}

const grammars = new Map<string, Grammar>();
const loaded = new Map<string, LoadedLanguage>();
let ready: Promise<void> | undefined;

/** Returns undefined if the language has not been loaded yet. */
export function findLoadedLanguage(language: Language): LoadedLanguage | undefined {
  return loaded.get(language.id);
}

/** Loads the parser runtime, the grammar and the query. Rejects with an Error that names the file if one is missing. */
export const loadLanguage = measured('tree_sitter_manager', 'load_language', async (language: Language) => {
  ready ??= Parser.init({ wasmBinary: read('web-tree-sitter') });
  await ready;
  const grammar = grammars.get(language.grammar) ?? (await Grammar.load(read(language.grammar)));
  grammars.set(language.grammar, grammar);
  const parser = new Parser();
  parser.setLanguage(grammar);
  const text = language.queries.map((name) => readFileSync(new URL(`./queries/${name}.scm`, import.meta.url), 'utf8'));
  const entry: LoadedLanguage = { language, parser, query: new Query(grammar, text.join('\n')) };
  loaded.set(language.id, entry);
  return entry;
});

/** Locations of WebAssembly files: beside the bundle, or in the npm packages if the source runs without a build. */
const locations: readonly ((name: string) => string)[] = [
  (name) => `../grammars/${name}.wasm`,
  (name) => `../../../../node_modules/@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`,
  (name) => `../../../../node_modules/${name}/${name}.wasm`,
];

function read(name: string): Uint8Array {
  const urls = locations.map((locate) => new URL(locate(name), import.meta.url));
  const file = urls.find((url) => existsSync(url));
  if (!file) throw new Error(`This installation is incomplete: ${name}.wasm is missing. Reinstall Pipescope.`);
  return readFileSync(file);
}
