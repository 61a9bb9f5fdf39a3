/** Iterates over the test files of a repository. */
import { createYielder } from '../../../../../process/yield-to-loop.ts';
import { defined } from '../../../../../protocol/defined.ts';
import type { CheckContext } from '../../../check/check.ts';
import { dialectOf } from './dialects.ts';
import type { TestDialect, TestSource } from './test-dialect.ts';

interface TestFile extends TestSource {
  readonly dialect: TestDialect;
}

/**
 * Yields every file with tests or test helpers, except foreign files. Yields to the event loop in between.
 * @param facts also provide the facts of each file, which requires the index of the repository
 * @param inline include files that may contain both code and tests
 */
export async function* readTestFiles(
  { repository, signal }: CheckContext,
  { facts = false, inline = true } = {},
): AsyncGenerator<TestFile> {
  const index = facts ? await repository.index() : undefined;
  const yieldIfDue = createYielder();
  for (const file of await repository.files()) {
    const dialect = dialectOf(file);
    if (!dialect || !(repository.isTest(file) || (inline && dialect.inline)) || repository.isForeign(file)) continue;
    await yieldIfDue();
    signal.throwIfAborted();
    const text = await repository.text(file);
    if (text !== undefined) yield { dialect, file, text, ...defined({ facts: index?.get(file) }) };
  }
}
