/** Parses source text into a syntax tree, within limits for size, nesting and time. */
import type { Node, Tree } from 'web-tree-sitter';
import { measured, nowNs, operation } from '../../../probe/api/api.ts';
import { ExtractionError } from './facts.ts';
import type { Language } from './languages.ts';
import { findLoadedLanguage, type LoadedLanguage, loadLanguage } from './load-language.ts';

/** Larger files are usually generated or minified, and their syntax trees need hundreds of megabytes. */
export const maxFileBytes = 2_000_000;
/** Maximum levels of brackets. The time of a query grows with the square of the nesting; 200,000 levels take minutes. */
const maxNesting = 1000;
/** Maximum CPU time for parsing a file, and again for its query. */
export const maxFileNs = 1e9;

/** Returns the parser and query of a language. Reports a cache hit if they were already loaded. */
export async function getLanguage(language: Language): Promise<LoadedLanguage> {
  const loaded = findLoadedLanguage(language);
  if (loaded) {
    parseOperation.hit();
    return loaded;
  }
  parseOperation.miss();
  return await loadLanguage(language);
}

/** Returns the syntax tree, which the caller must delete. Throws an `ExtractionError` if a limit is exceeded. */
export const parseFile = measured(
  'tree_sitter_manager',
  'parse_file',
  ({ parser }: LoadedLanguage, source: string): Tree => {
    const deepest = findDeepestBracket(source);
    const progressCallback = createTimeLimit();
    const tree = parser.parse(source, null, { progressCallback });
    if (!tree) {
      parser.reset();
      throw new ExtractionError('timeout', `Parsing took more than ${maxFileNs / 1e9} s. The file was skipped.`);
    }
    if (deepest !== undefined && measureDepth(tree.rootNode, deepest) > maxNesting) {
      tree.delete();
      throw new ExtractionError(
        'too_deep',
        `The code is nested more than ${maxNesting} levels deep. The file was skipped.`,
      );
    }
    return tree;
  },
);

const parseOperation = operation('tree_sitter_manager', 'parse_file');

/**
 * Creates a function that returns true once the time for a file is used up. The limit applies to the CPU time of this
 * thread, so that no file is skipped because the machine is busy. Wall time is checked first because that is cheaper.
 */
export function createTimeLimit(): () => boolean {
  const endNs = nowNs() + maxFileNs;
  const startUs = threadUs();
  return () => nowNs() > endNs && (threadUs() - startUs) * 1000 > maxFileNs;
}

function threadUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/**
 * Returns the offset of the most deeply nested bracket, or undefined if the nesting is within the limit. Counts brackets
 * in strings and comments too, so the actual depth must be checked in the tree.
 */
function findDeepestBracket(source: string): number | undefined {
  let depth = 0;
  let deepest = maxNesting;
  let deepestOffset: number | undefined;
  for (let offset = 0; offset < source.length; offset++) {
    const code = source.charCodeAt(offset);
    // ( [ { and ) ] }
    if (code === 40 || code === 91 || code === 123) {
      depth++;
      if (depth > deepest) {
        deepest = depth;
        deepestOffset = offset;
      }
    } else if ((code === 41 || code === 93 || code === 125) && depth > 0) depth--;
  }
  return deepestOffset;
}

/** Returns the depth of the tree at an offset, but at most `maxNesting + 1`. */
function measureDepth(root: Node, offset: number): number {
  let depth = 0;
  let node: Node | null = root;
  for (; node && depth <= maxNesting; depth++) node = node.firstChildForIndex(offset);
  return depth;
}

/** Counts and describes the first syntax error in a tree. */
export function reportFirstError(root: Node): string {
  parseOperation.fail('syntax_error');
  let node = root;
  while (!node.isError && !node.isMissing) {
    const next = node.children.find((child) => child.hasError || child.isError || child.isMissing);
    if (!next) break;
    node = next;
  }
  const { row, column } = node.startPosition;
  const what = node.isMissing ? `${node.type} is missing` : 'unexpected syntax';
  return `Line ${row + 1}, column ${column + 1}: ${what}. The rest of the file was analyzed.`;
}
