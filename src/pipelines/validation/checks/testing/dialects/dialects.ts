/** Languages whose tests are analyzed. */
import { ecmascript } from './ecmascript-tests.ts';
import { go } from './go-tests.ts';
import { python } from './python-tests.ts';
import { rust } from './rust-tests.ts';
import type { TestDialect } from './test-dialect.ts';

const dialects: readonly TestDialect[] = [ecmascript, python, rust, go];

/** Returns the dialect for a file name, or undefined. Type declaration files have none, since they contain no tests. */
export function dialectOf(file: string): TestDialect | undefined {
  if (/\.d\.[cm]?ts$/.test(file)) return undefined;
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return dialects.find(({ extensions }) => extensions.includes(extension));
}
