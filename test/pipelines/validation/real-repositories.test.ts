/** Validates real repositories with the built command. All reported problems have been reviewed by hand. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isValidation, type Validation } from '../../../src/protocol/validation/validation.ts';
import { builtCli } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { commit, type RealRepository, realRepositories, thisRepository } from './real-repositories.ts';

const checkCounts = { dev: 28, ci: 45, enterprise: 61 } as const;
type Profile = keyof typeof checkCounts;

/** Validates without a time budget, so that no check is skipped on a busy machine. */
function validate(workspace: string, profile: Profile, data: string): { validation: Validation; code: number | null } {
  const args = ['run', 'validation', '--workspace', workspace, '--profile', profile, '--budget', 'off', '--data', data];
  const { stdout, stderr, status } = spawnSync(process.execPath, [builtCli(), ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 64e6,
  });
  const validation: unknown = stdout.trim() === '' ? undefined : JSON.parse(stdout);
  assert.ok(isValidation(validation), stderr);
  return { validation, code: status };
}

function assertExpected(
  { expectedProblems, messages, ready }: RealRepository,
  profile: Profile,
  { validation, code }: ReturnType<typeof validate>,
): void {
  const { checks, verdict, reasons } = validation;
  assert.equal(checks.length, checkCounts[profile]);
  const problems = checks.filter(({ status }) => status === 'fail' || status === 'warn');
  const unexpected = problems.filter(({ id }) => !(id in expectedProblems));
  const details = unexpected.map(({ id, message, findings }) => [id, message, ...findings.slice(0, 5)]);
  assert.deepEqual(details, [], 'all reported problems are expected');
  for (const [id, message] of Object.entries(messages)) {
    const check = checks.find((result) => result.id === id);
    if (check) assert.match(check.message, message, id);
  }
  assert.ok(checks.filter(({ status }) => status !== 'skip').length >= checks.length / 3, 'most checks ran');
  assert.notEqual(verdict, 'not_ready', reasons.join(' '));
  if (ready) assert.equal(verdict, 'ready', reasons.join(' '));
  assert.equal(code, verdict === 'ready' ? 0 : 3);
}

function describeRepository(repository: RealRepository, profiles: readonly Profile[]): void {
  describe(`validation of ${repository.title}`, function () {
    this.timeout(600_000);
    let temporary: ReturnType<typeof createTemporaryFolder>;
    let workspace: string;
    before(function () {
      temporary = createTemporaryFolder();
      workspace = join(temporary.path, 'workspace');
      mkdirSync(workspace);
      const missing = repository.create(workspace);
      if (missing !== undefined) {
        console.log(`      skipped: this machine does not have ${missing}`);
        return this.skip();
      }
      commit(workspace);
    });
    after(() => temporary.done());

    for (const profile of profiles) {
      it(`reports only expected problems in profile ${profile}`, () =>
        assertExpected(repository, profile, validate(workspace, profile, join(temporary.path, 'data'))));
    }
  });
}

for (const repository of realRepositories) describeRepository(repository, ['dev', 'ci', 'enterprise']);
// Not the enterprise profile, because that runs the tests, including this one.
describeRepository(thisRepository, ['dev', 'ci']);
