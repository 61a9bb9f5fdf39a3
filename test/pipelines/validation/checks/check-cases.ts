/** Runs one check on planted repositories: a row says what is planted and what is found. */
import { strict as assert } from 'node:assert';
import type { Check } from '../../../../src/pipelines/validation/check/check.ts';
import type { SkipReason } from '../../../../src/protocol/validation.ts';
import { type Plant, type Planted, type PlantOptions, plant } from '../planted-repository.ts';

export interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, Planted>>;
  /** In git, where nothing else is said. */
  readonly options?: PlantOptions;
  /** Done after the commit. */
  arrange?(planted: Plant): void;
  /** Skipped with this reason, passed, or the places found as `file:line`, or as `file` where no line is known. */
  readonly found: SkipReason | 'pass' | readonly string[];
  /** Stands in the message or in a finding's. */
  readonly says?: RegExp;
}

export function casesOf(check: Check | undefined, cases: readonly Case[]): void {
  assert.ok(check);
  describe(check.id, () => {
    for (const { what, files, options, arrange, found, says } of cases) {
      it(what, async () => {
        const planted = await plant(files, { git: true, ...options });
        try {
          arrange?.(planted);
          const outcome = await check.run(await planted.again());
          const told = [outcome.message, ...(outcome.findings ?? []).map(({ message }) => message)].join('\n');
          const places = (outcome.findings ?? []).map(({ file, line }) => (line ? `${file}:${line}` : file));
          const result = outcome.status === 'fail' ? places : (outcome.skipReason ?? outcome.status);
          assert.deepEqual(result, found, told);
          if (says) assert.match(told, says);
          assert.match(outcome.message, /^[^\n]+\.$/, 'one sentence');
          if (outcome.status === 'fail') assert.ok(outcome.remediation?.length, 'says what to do');
        } finally {
          planted.dispose();
        }
      });
    }
  });
}
