/**
 * Rewrites source that the grammar rejects although it is valid, so that the grammar accepts it.
 *
 * The grammars of tree-sitter lag behind the languages. Babel's parser does not, but takes several times as long. Therefore it
 * only parses files that the grammar rejects, and shows where they contain syntax that the grammar does not know. That syntax
 * is replaced by other syntax of the same length, so that all offsets stay the same.
 */
import { type ParserPlugin, parse } from '@babel/parser';
import type { NormalizedSource } from '../../extract/normalized-source.ts';
import { type BabelNode, visitNodes } from './babel-node.ts';
import { eraseTypes } from './erase-types.ts';
import { replaceSyntax } from './replace-syntax.ts';
import { SourceRewriter } from './source-rewriter.ts';
import { tolerantOptions } from './tolerant-options.ts';

const commonPlugins: readonly ParserPlugin[] = [
  'decorators-legacy',
  'decoratorAutoAccessors',
  'deferredImportEvaluation',
  'sourcePhaseImports',
];

/** Plugins by id of the language. */
const pluginsOf: Readonly<Record<string, readonly ParserPlugin[]>> = {
  typescript: ['typescript'],
  declaration: [['typescript', { dts: true }]],
  tsx: ['typescript', 'jsx'],
  javascript: ['jsx'],
};

/**
 * Yields rewritten sources in the order in which the grammar should try them. The first one keeps all types that the grammar
 * supports; the second one has none. Yields no source if Babel rejects the file too.
 */
export function* normalizeSource(source: string, language: string): Generator<NormalizedSource> {
  const { program, comments = [] } = parseFile(source, language) ?? {};
  if (!program) return;
  const rewriter = new SourceRewriter(source);
  for (const { start, end } of comments) rewriter.blank(start, end);
  visitNodes(program, (node, parent) => replaceSyntax(node, parent, rewriter));
  yield rewriter.finish();
  visitNodes(program, (node, parent) => eraseTypes(node, parent, rewriter));
  yield rewriter.finish();
}

/** Matches the old keyword of import attributes, which only some compilers still support. */
const assertPattern = /(["']\s*)assert(?=\s*\{)/g;

/** Returns undefined if the file has syntax errors. */
function parseFile(source: string, language: string): BabelNode | undefined {
  const plugins = [...commonPlugins, ...(pluginsOf[language] ?? [])];
  try {
    return parse(source.replace(assertPattern, '$1with  '), { ...tolerantOptions, plugins }) as unknown as BabelNode;
  } catch {
    return undefined;
  }
}
