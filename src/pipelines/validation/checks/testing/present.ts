/** Whether there are tests, and something that runs them. */
import { type Context, fault, type Outcome, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { dialectOf } from './dialects/dialects.ts';
import { projectsOf } from './runners/test-projects.ts';
import { usageOf } from './runners/test-runners.ts';

/** Configuration of tools, which nobody tests. */
const settings =
  /(?:^|\/)(?:[^/]*\.config\.[^/]+|\.[^/]+|[^/]*rc\.[cm]?js|setup\.py|conf\.py|build\.rs|gulpfile\.[^/]+|gruntfile\.[^/]+)$/i;

export async function present(context: Context): Promise<Outcome> {
  const { repository } = context;
  const tests = (await projectsOf(context)).reduce((sum, project) => sum + project.tests.length, 0);
  const sources = (await repository.files()).filter(
    (file) => dialectOf(file) && !settings.test(file) && !repository.isTest(file) && !repository.isForeign(file),
  ).length;
  if (tests > 0) return pass(`${counted(tests, 'file')} with tests beside ${counted(sources, 'source file')}.`);
  if (sources === 0) return skip('not_applicable', 'There is no source file of a known language to be tested.');
  return fault(`No test was found for ${counted(sources, 'source file')}.`, {
    remediation: [
      {
        priority: 'high',
        title: 'Write a first test',
        steps: [
          'Test what must not break first.',
          'Name files as the language has it: x.test.ts, test_x.py, x_test.go, or #[test] in Rust.',
        ],
      },
    ],
  });
}

export async function configured(context: Context): Promise<Outcome> {
  const { used, without } = await usageOf(context);
  if (used.length + without.length === 0)
    return skip('not_applicable', 'There is no test that a runner is needed for.');
  if (without.length === 0) {
    const reasons = new Map(used.map(({ runner, reason }) => [runner.id, reason]));
    return pass(`Tests are run by ${[...reasons].map(([id, reason]) => `${id} (${reason})`).join(', ')}.`);
  }
  const files = without.flatMap(({ tests }) => tests);
  return fault(`${counted(files.length, 'file')} with tests, but nothing is known to run them.`, {
    findings: findingsOf(without, ({ manifest, tests }) => {
      return {
        file: manifest || (tests[0] as string),
        message: `Nothing says how to run ${counted(tests.length, 'file')} of tests.`,
      };
    }),
    remediation: [
      {
        priority: 'high',
        title: 'Say how the tests are run',
        steps: ['Add a script “test” to package.json, or a manifest such as pyproject.toml, Cargo.toml or go.mod.'],
      },
    ],
  });
}
