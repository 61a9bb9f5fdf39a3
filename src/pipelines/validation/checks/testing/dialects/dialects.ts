/** The languages whose tests are read: one row adds one. */

import { ecmascript } from './ecmascript-tests.ts';
import { go } from './go-tests.ts';
import { python } from './python-tests.ts';
import { rust } from './rust-tests.ts';
import type { Dialect } from './test-dialect.ts';

export const dialects: readonly Dialect[] = [ecmascript, python, rust, go];

/** By the file's name; none for declarations of types, which hold no tests. */
export function dialectOf(file: string): Dialect | undefined {
  if (/\.d\.[cm]?ts$/.test(file)) return undefined;
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return dialects.find(({ extensions }) => extensions.includes(extension));
}
