/** Goes through the tests of a repository, one file at a time, and lets others have their turn. */
import { setImmediate } from 'node:timers/promises';
import type { Context } from '../../../check/check.ts';
import { dialectOf } from './dialects.ts';
import type { Dialect, TestSource } from './test-dialect.ts';

export interface Scanned extends TestSource {
  readonly dialect: Dialect;
}

/** Longest time without letting others have their turn. */
const turnMs = 5;

/** Every file that holds tests, or what tests call; `facts` only where they are asked for. */
export async function* testsOf(
  { repository, signal }: Context,
  { facts = false, inline = true } = {},
): AsyncGenerator<Scanned> {
  const index = facts ? await repository.index() : undefined;
  let since = performance.now();
  for (const file of await repository.files()) {
    const dialect = dialectOf(file);
    if (!dialect || !(repository.isTest(file) || (inline && dialect.inline)) || repository.isForeign(file)) continue;
    if (performance.now() - since > turnMs) {
      await setImmediate();
      since = performance.now();
    }
    signal.throwIfAborted();
    const text = await repository.text(file);
    const known = index?.get(file);
    if (text !== undefined) yield { dialect, file, text, ...(known ? { facts: known } : {}) };
  }
}
