import type { CheckContext } from '../../check/check.ts';
import { readTestFiles } from './dialects/find-tests.ts';
import type { TestMark, TestMarkKind } from './dialects/test-dialect.ts';

interface MarkedTest extends TestMark {
  readonly file: string;
}

/** Finds all tests with a mark of one of these kinds. Also returns how many test files were read. */
export async function findMarkedTests(
  context: CheckContext,
  kinds: readonly TestMarkKind[],
): Promise<{ readonly fileCount: number; readonly marked: readonly MarkedTest[] }> {
  const marked: MarkedTest[] = [];
  let fileCount = 0;
  for await (const testFile of readTestFiles(context, { facts: true })) {
    fileCount++;
    for (const mark of testFile.dialect.findMarks(testFile)) {
      if (kinds.includes(mark.kind)) marked.push({ ...mark, file: testFile.file });
    }
  }
  return { fileCount, marked };
}
