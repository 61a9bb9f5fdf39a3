/** Turns source text into a syntax tree, within limits of size, nesting and time. */
import type { Node, Tree } from 'web-tree-sitter';
import { measured, nowNs, operation } from '../../../probe/api/api.ts';
import { FileFault } from './facts.ts';
import { type Loaded, loadedLanguage, loadLanguage } from './grammar.ts';
import type { Language } from './languages.ts';

/** Most bytes of a file: above it files are generated or minified, and their tree takes hundreds of megabytes. */
export const longestFileBytes = 2_000_000;
/** Levels of brackets: the time of a query grows with the square of the nesting (200,000 levels take minutes). */
const deepestNesting = 1000;
/** Processor time of one file in the parser, and again in the query. */
export const fileLimitNs = 1e9;

/** Parser and query of a language; `reused` where they were there already. */
export async function grammarOf(language: Language): Promise<Loaded> {
  const known = loadedLanguage(language);
  if (known) {
    parsing.hit();
    return known;
  }
  parsing.miss();
  return await loadLanguage(language);
}

/** The tree of a source text: its owner deletes it. Throws a `FileFault` where a limit is reached. */
export const parseFile = measured('tree_sitter_manager', 'parse_file', ({ parser }: Loaded, source: string): Tree => {
  const deepest = deepestBracket(source);
  const progressCallback = timeLimit();
  const tree = parser.parse(source, null, { progressCallback });
  if (!tree) {
    parser.reset();
    throw new FileFault('timeout', `Parsing took more than ${fileLimitNs / 1e9} s; the file is left out.`);
  }
  if (deepest !== undefined && depthAt(tree.rootNode, deepest) > deepestNesting) {
    tree.delete();
    throw new FileFault('too_deep', `The code is nested more than ${deepestNesting} levels deep; it is left out.`);
  }
  if (tree.rootNode.hasError) parsing.fail('syntax_error');
  return tree;
});

const parsing = operation('tree_sitter_manager', 'parse_file');

/**
 * A callback that says when the time of a file is over. What counts is the time that this thread was given, so that a
 * busy machine leaves out no file; the clock is only the cheaper first look.
 */
export function timeLimit(): () => boolean {
  const endNs = nowNs() + fileLimitNs;
  const startUs = threadUs();
  return () => nowNs() > endNs && (threadUs() - startUs) * 1000 > fileLimitNs;
}

function threadUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Where brackets are nested deepest, if so deep that the tree has to be asked; texts and comments are counted too. */
function deepestBracket(source: string): number | undefined {
  let depth = 0;
  let deepest = deepestNesting;
  let found: number | undefined;
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at);
    // ( [ { and ) ] }
    if (code === 40 || code === 91 || code === 123) {
      depth++;
      if (depth > deepest) {
        deepest = depth;
        found = at;
      }
    } else if ((code === 41 || code === 93 || code === 125) && depth > 0) depth--;
  }
  return found;
}

/** Levels of the tree above an offset, counted no further than needed. */
function depthAt(root: Node, offset: number): number {
  let depth = 0;
  let node: Node | null = root;
  for (; node && depth <= deepestNesting; depth++) node = node.firstChildForIndex(offset);
  return depth;
}

/** Says where a tree is first broken. */
export function firstError(root: Node): string {
  let node = root;
  while (!node.isError && !node.isMissing) {
    const next = node.children.find((child) => child.hasError || child.isError || child.isMissing);
    if (!next) break;
    node = next;
  }
  const { row, column } = node.startPosition;
  const what = node.isMissing ? `${node.type} is missing` : 'this is not understood';
  return `Line ${row + 1}, column ${column + 1}: ${what}; the rest of the file was read.`;
}
