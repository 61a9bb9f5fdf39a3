/** Identifies the function that a command acts on: by a row of a tree view or by a line in an editor. */
import { isAbsolute } from 'node:path';
import type { ExactTarget } from '../protocol/control.ts';
import { findBodyEnd } from './lens/line-tracking.ts';
import { isSourceLocation } from './source-location.ts';

/** The parts of a document symbol that are needed here. Lines start at 0. */
export interface Block<Self> {
  readonly range: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly children: readonly Self[];
}

/** Returns the innermost block around a line that `isWanted` accepts. */
export function findInnermost<T extends Block<T>>(
  blocks: readonly T[],
  line: number,
  isWanted: (block: T) => boolean,
): T | undefined {
  for (const block of blocks) {
    if (block.range.start.line > line || block.range.end.line < line) continue;
    return findInnermost(block.children, line, isWanted) ?? (isWanted(block) ? block : undefined);
  }
  return undefined;
}

/** Returns the innermost function around a line (from 0). The functions give their lines from 1. */
export function findFunctionAt<T extends { readonly name: string; readonly line?: number | undefined }>(
  functions: readonly T[],
  lines: readonly string[],
  line: number,
): T | undefined {
  return functions
    .filter(({ line: start }) => start !== undefined && start - 1 <= line && findBodyEnd(lines, start - 1) >= line)
    .sort((a, b) => (b.line ?? 0) - (a.line ?? 0))[0];
}

/**
 * Returns the function of a row. Prefers its name, because lines move; anonymous functions are identified by line.
 * @param toAbsolute resolves a path that is relative to the profiled workspace
 */
export function targetOfRow(row: unknown, toAbsolute: (file: string) => string): ExactTarget | undefined {
  if (typeof row !== 'object' || row === null || !('location' in row)) return undefined;
  if (!isSourceLocation(row.location)) return undefined;
  const file = isAbsolute(row.location.file) ? row.location.file : toAbsolute(row.location.file);
  const name = 'label' in row && typeof row.label === 'string' ? row.label : '';
  return /^[\p{L}_$#][\p{L}\p{N}_$#.]*$/u.test(name) ? { file, name } : { file, line: row.location.line };
}
