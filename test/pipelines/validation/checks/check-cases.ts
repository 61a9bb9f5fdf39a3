/** Tests a check on planted repositories, one per row. */
import { strict as assert } from 'node:assert';
import type { Check } from '../../../../src/pipelines/validation/check/check.ts';
import type { SkipReason } from '../../../../src/protocol/validation/validation.ts';
import { type PlantedFile, type PlantedRepository, type PlantOptions, plant } from '../planted-repository.ts';

export interface CheckCase {
  /** Title of the test. */
  readonly title: string;
  readonly files: Readonly<Record<string, PlantedFile>>;
  /** Default: a Git repository with all files committed. */
  readonly options?: PlantOptions;
  /** Runs after the commit. */
  arrange?(planted: PlantedRepository): void;
  /** Reason of a skip, `pass`, or the locations of the findings: `file:line`, or `file` if the line is unknown. */
  readonly expected: SkipReason | 'pass' | readonly string[];
  /** Matches the messages of the check and of its findings, one per line. */
  readonly message?: RegExp;
}

/** Defines one test per row. */
export function testCheck(check: Check | undefined, cases: readonly CheckCase[]): void {
  assert.ok(check);
  describe(check.id, () => {
    for (const { title, files, options, arrange, expected, message } of cases) {
      it(title, async () => {
        const planted = await plant(files, { git: true, ...options });
        try {
          arrange?.(planted);
          const outcome = await check.run(await planted.again());
          const findings = outcome.findings ?? [];
          const messages = [outcome.message, ...findings.map((finding) => finding.message)].join('\n');
          const locations = findings.map(({ file, line }) => (line ? `${file}:${line}` : file));
          const result = outcome.status === 'fail' ? locations : (outcome.skipReason ?? outcome.status);
          assert.deepEqual(result, expected, messages);
          if (message) assert.match(messages, message);
          assert.match(outcome.message, /^[^\n]+\.$/, 'the message is one line that ends with a period');
          if (outcome.status === 'fail') assert.ok(outcome.remediation?.length, 'a failure has a remediation');
        } finally {
          planted.dispose();
        }
      });
    }
  });
}
