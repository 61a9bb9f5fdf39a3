/** Which function is meant: by a row of a view, or by a line inside of it. */
import { basename, isAbsolute } from 'node:path';
import type { Target } from '../protocol/control.ts';
import { bodyEnd } from './lens/line-tracking.ts';
import { isPlace } from './source-location.ts';

/** What the editor knows of a declaration, its lines from 0. */
export interface Block<Self> {
  readonly range: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly children: readonly Self[];
}

/** The deepest block around a line that is wanted. */
export function innermost<T extends Block<T>>(
  blocks: readonly T[],
  line: number,
  isWanted: (block: T) => boolean,
): T | undefined {
  for (const block of blocks) {
    if (block.range.start.line > line || block.range.end.line < line) continue;
    return innermost(block.children, line, isWanted) ?? (isWanted(block) ? block : undefined);
  }
  return undefined;
}

/** The deepest of these functions, each named with its line from 1, whose body holds a line (from 0) of this text. */
export function functionAt(
  functions: readonly { readonly name: string; readonly line?: number | undefined }[],
  lines: readonly string[],
  line: number,
): string | undefined {
  return functions
    .filter((one) => one.line !== undefined && one.line - 1 <= line && bodyEnd(lines, one.line - 1) >= line)
    .sort((a, b) => (b.line ?? 0) - (a.line ?? 0))[0]?.name;
}

/** The function of a row; by its name, which stays when lines move, or by its line where it has no real one. */
export function targetAt(row: unknown, absolute: (file: string) => string): Target | undefined {
  if (typeof row !== 'object' || row === null || !('place' in row) || !isPlace(row.place)) return undefined;
  const file = isAbsolute(row.place.file) ? row.place.file : absolute(row.place.file);
  const name = 'label' in row && typeof row.label === 'string' ? row.label : '';
  return /^[\p{L}_$#][\p{L}\p{N}_$#.]*$/u.test(name) ? { file, name } : { file, line: row.place.line };
}

export function sameTarget(a: Target, b: Target): boolean {
  return a.file === b.file && a.name === b.name && a.line === b.line;
}

export function titleOf({ file, name, line }: Target): string {
  return name ?? `${basename(file)}:${line}`;
}

export function isTarget(value: unknown): value is Target {
  const target = value as Partial<Target> | null;
  return (
    typeof target === 'object' &&
    target !== null &&
    typeof target.file === 'string' &&
    (typeof target.name === 'string' || Number.isSafeInteger(target.line))
  );
}
