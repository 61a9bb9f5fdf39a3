/** Loads a language's grammar and query, once for each worker and only when a file of it comes. */
import { existsSync, readFileSync } from 'node:fs';
import { Language as Grammar, Parser, Query } from 'web-tree-sitter';
import { measured } from '../../../probe/api/api.ts';
import type { Language } from './languages.ts';

export interface Loaded {
  readonly language: Language;
  readonly parser: Parser;
  readonly query: Query;
}

const grammars = new Map<string, Grammar>();
const loaded = new Map<string, Loaded>();
let ready: Promise<void> | undefined;

/** The grammar where it is loaded already. */
export function loadedLanguage(language: Language): Loaded | undefined {
  return loaded.get(language.id);
}

/** Loads runtime, grammar and query; throws with the file's name where one is missing or broken. */
export const loadLanguage = measured('tree_sitter_manager', 'load_language', async (language: Language) => {
  ready ??= Parser.init({ wasmBinary: read('web-tree-sitter') });
  await ready;
  const grammar = grammars.get(language.grammar) ?? (await Grammar.load(read(language.grammar)));
  grammars.set(language.grammar, grammar);
  const parser = new Parser();
  parser.setLanguage(grammar);
  const text = language.queries.map((name) => readFileSync(new URL(`./queries/${name}.scm`, import.meta.url), 'utf8'));
  const entry: Loaded = { language, parser, query: new Query(grammar, text.join('\n')) };
  loaded.set(language.id, entry);
  return entry;
});

/** Beside the bundle, or in the packages where the source is run as it is. */
const places: readonly ((name: string) => string)[] = [
  (name) => `../grammars/${name}.wasm`,
  (name) => `../../../../node_modules/@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`,
  (name) => `../../../../node_modules/${name}/${name}.wasm`,
];

function read(name: string): Uint8Array {
  const urls = places.map((place) => new URL(place(name), import.meta.url));
  const found = urls.find((url) => existsSync(url));
  if (!found) throw new Error(`The grammar file ${name}.wasm is missing: install the extension again.`);
  return readFileSync(found);
}
