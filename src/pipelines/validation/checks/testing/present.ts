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

/** Tests in languages and formats that no dialect reads. */
const otherTests =
  /(?:^|\/)(?:tests?|specs?|__tests__|t)\/.*\.(?:c|cc|cpp|cxx|m|mm|java|kt|scala|cs|fs|rb|php|swift|lua|ex|exs|erl|hs|ml|r|jl|pl|t|dart|zig|nim|bats|sh|tftest\.hcl|ya?ml|ipynb)$|(?:^|\/)[^/]*(?:_tests?|_spec|Tests?|Spec|\.test|\.spec)\.(?:c|cc|cpp|cxx|m|mm|java|kt|scala|cs|fs|rb|php|swift|lua|exs|erl|hs|jl|dart|zig|bats|vue|svelte)$|\.tftest\.hcl$/;

async function checkPresent(context: CheckContext): Promise<CheckOutcome> {
  const { repository } = context;
  const tests = (await findTestProjects(context)).reduce((sum, project) => sum + project.tests.length, 0);
  const sources = (await repository.files()).filter(
    (file) => dialectOf(file) && !configFiles.test(file) && !repository.isTest(file) && !repository.isForeign(file),
  ).length;
  if (tests > 0) return pass(`${plural(tests, 'test file')} for ${plural(sources, 'source file')}.`);
  if (sources === 0) return skip('not_applicable', 'No source files in a supported language.');
  const other = (await repository.files()).find((file) => otherTests.test(file) && !repository.isForeign(file));
  if (other !== undefined)
    return skip('not_applicable', `The workspace has tests in another language, such as ${other}.`);
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
