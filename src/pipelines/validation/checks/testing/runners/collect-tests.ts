import { plural } from '../../../../../protocol/plural.ts';
import { type CheckContext, type CheckOutcome, fail, pass, skip } from '../../../check/check.ts';
import type { TestProject } from './test-projects.ts';
import { findLocations, startRunner, type TestRunner } from './test-runner.ts';

/** Loads the tests of a project. The outcome says how many there are, or why they could not be loaded. */
export async function collectTests(
  runner: TestRunner,
  project: TestProject,
  context: CheckContext,
): Promise<CheckOutcome> {
  const collection = await runner.collect?.(project, context);
  if (!collection) return skip('not_applicable', `${runner.id} cannot list tests without running them.`);
  if ('status' in collection) return collection;
  const run = await startRunner(runner, collection, project, context);
  if ('status' in run) return run;
  const { result, output } = run;
  const evidence = [{ kind: 'command_output' as const, content: output }];
  const count = collection.count(result);
  if (result.code === 0 && count !== 0) {
    const tests = count === undefined ? 'the tests' : plural(count, collection.noun ?? 'test');
    return pass(`${runner.id} loaded ${tests}.`, { evidence });
  }
  const problem =
    result.code === 0
      ? `${runner.id} found no tests`
      : `${runner.id} could not load the tests (exit code ${result.code})`;
  const locations = await findLocations(result, project, context);
  return fail(`${problem}${project.folder && ` in ${project.folder}`}.`, {
    evidence,
    findings: locations.map((location) => ({ ...location, message: `${runner.id} failed here while loading tests.` })),
    remediation: [
      {
        priority: 'critical',
        title: 'Fix the errors while loading tests',
        steps: ['Run the command in the workspace and fix the first error it reports.'],
        command: [collection.program, ...collection.args],
      },
    ],
  });
}
