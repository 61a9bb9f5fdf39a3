/** Runs one check of the tests category on a planted repository. */
import { strict as assert } from 'node:assert';
import type { CheckOutcome } from '../../../../../src/pipelines/validation/check/check.ts';
import { testsChecks } from '../../../../../src/pipelines/validation/checks/testing/testing-checks.ts';
import { type PlantedRepository, type PlantOptions, plant } from '../../planted-repository.ts';

export type Files = Parameters<typeof plant>[0];

/** @param options `prepare` changes the planted repository before the check runs */
export async function outcomeOf(
  id: string,
  files: Files,
  { prepare, ...options }: PlantOptions & { prepare?: (planted: PlantedRepository) => void } = { git: true },
): Promise<CheckOutcome> {
  const check = testsChecks.find((candidate) => candidate.id === id);
  assert.ok(check, id);
  const planted = await plant(files, options);
  try {
    prepare?.(planted);
    return await check.run(prepare ? await planted.again() : planted.context);
  } finally {
    planted.dispose();
  }
}

/** Returns `file:line`, or only the file, of each finding. */
export const locationsIn = ({ findings = [] }: CheckOutcome): string[] =>
  findings.map(({ file, line }) => (line === undefined ? file : `${file}:${line}`));
