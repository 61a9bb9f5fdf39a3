/** Functions that are timed exactly, as they are stored and shown. */
import { basename } from 'node:path';
import type { ExactTarget } from '../protocol/control.ts';

export function isSameTarget(a: ExactTarget, b: ExactTarget): boolean {
  return a.file === b.file && a.name === b.name && a.line === b.line;
}

export function targetTitle({ file, name, line }: ExactTarget): string {
  return name ?? `${basename(file)}:${line}`;
}

export function isExactTarget(value: unknown): value is ExactTarget {
  const target = value as Partial<ExactTarget> | null;
  return (
    typeof target === 'object' &&
    target !== null &&
    typeof target.file === 'string' &&
    (typeof target.name === 'string' || Number.isSafeInteger(target.line))
  );
}
