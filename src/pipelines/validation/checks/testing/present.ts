/** Checks that the workspace has tests. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { dialectOf } from './dialects/dialects.ts';
import { findTestProjects } from './runners/test-projects.ts';

export const present: Check = {
  id: 'TST_PRESENT',
  category: 'tests',
  severity: 'warning',
  minProfile: 'dev',
  title: 'The workspace has tests',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkPresent,
};

/** Configuration files of tools, which need no tests. */
const configFiles =
  /(?:^|\/)(?:[^/]*\.config\.[^/]+|\.[^/]+|[^/]*rc\.[cm]?js|setup\.py|conf\.py|build\.rs|gulpfile\.[^/]+|gruntfile\.[^/]+)$/i;

async function checkPresent(context: CheckContext): Promise<CheckOutcome> {
  const { repository } = context;
  const tests = (await findTestProjects(context)).reduce((sum, project) => sum + project.tests.length, 0);
  const sources = (await repository.files()).filter(
    (file) => dialectOf(file) && !configFiles.test(file) && !repository.isTest(file) && !repository.isForeign(file),
  ).length;
  if (tests > 0) return pass(`${plural(tests, 'test file')} for ${plural(sources, 'source file')}.`);
  if (sources === 0) return skip('not_applicable', 'No source files in a supported language.');
  return fail(`No tests found for ${plural(sources, 'source file')}.`, {
    remediation: [
      {
        priority: 'high',
        title: 'Write a first test',
        steps: [
          'Start with the behavior that must not break.',
          'Follow the naming convention of the language: x.test.ts, test_x.py, x_test.go, or #[test] in Rust.',
        ],
      },
    ],
  });
}
