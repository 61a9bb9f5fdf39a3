/** Makes one check of the tests category on a planted repository. */
import { strict as assert } from 'node:assert';
import type { Outcome } from '../../../../../src/pipelines/validation/check/check.ts';
import { testsChecks } from '../../../../../src/pipelines/validation/checks/testing/testing-checks.ts';
import { type Plant, type PlantOptions, plant } from '../../planted-repository.ts';

export type Files = Parameters<typeof plant>[0];

/** `prepare` changes the planted repository before the check looks at it. */
export async function outcomeOf(
  id: string,
  files: Files,
  { prepare, ...options }: PlantOptions & { prepare?: (planted: Plant) => void } = { git: true },
): Promise<Outcome> {
  const check = testsChecks.find((one) => one.id === id);
  assert.ok(check, id);
  const planted = await plant(files, options);
  try {
    prepare?.(planted);
    return await check.run(prepare ? await planted.again() : planted.context);
  } finally {
    planted.dispose();
  }
}

/** `file:line`, or the file alone, of each finding. */
export const placesIn = ({ findings = [] }: Outcome): string[] =>
  findings.map(({ file, line }) => (line === undefined ? file : `${file}:${line}`));
