/** The languages whose tests are read: one row adds one. */
import type { Dialect } from './dialect.ts';
import { ecmascript } from './ecmascript.ts';
import { go } from './go.ts';
import { python } from './python.ts';
import { rust } from './rust.ts';

export const dialects: readonly Dialect[] = [ecmascript, python, rust, go];

/** By the file's name; none for declarations of types, which hold no tests. */
export function dialectOf(file: string): Dialect | undefined {
  if (/\.d\.[cm]?ts$/.test(file)) return undefined;
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return dialects.find(({ extensions }) => extensions.includes(extension));
}
