/** Parses JSON with comments into a tree with offsets, for error messages that name a line. */
import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { maxJsonDepth } from '../../protocol/json-depth.ts';

export interface ParsedJsonc {
  /** Undefined if the text is empty or nested too deeply. */
  readonly tree: Node | undefined;
  /** The first error, such as a missing comma, for which the parser has a code. */
  readonly error?: ParseError;
  /** Offset of the first bracket that is nested too deeply. */
  readonly deepOffset?: number;
}

/** Parses a text. Never throws: the depth is limited first, because the parser calls itself for each level. */
export function parseJsonc(text: string): ParsedJsonc {
  const deepOffset = findDeepToken(text);
  if (deepOffset !== undefined) return { tree: undefined, deepOffset };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  return { tree, ...(errors[0] ? { error: errors[0] } : {}) };
}

function findDeepToken(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const offset = scanner.getTokenOffset();
    const character = text[offset];
    if (character === '{' || character === '[') depth++;
    // The parser skips a closing bracket that closes nothing.
    else if (character === '}' || character === ']') depth = Math.max(0, depth - 1);
    if (depth > maxJsonDepth) return offset;
  }
  return undefined;
}
