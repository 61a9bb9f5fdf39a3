/** Validates repositories of others by the real command: what is found in them was read, and is right. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isValidation, type Validation } from '../../../src/protocol/validation.ts';
import { builtCli } from '../../fixtures/command.ts';
import { folder } from '../../fixtures/pipeline.ts';
import { commit, own, type Real, reals } from './real-repositories.ts';

const targets = { dev: 25, ci: 40, enterprise: 52 } as const;
type Profile = keyof typeof targets;

/** Without an end to its time, so that a busy machine leaves nothing out. */
function validate(workspace: string, profile: Profile, data: string): { validation: Validation; code: number | null } {
  const words = [
    'run',
    'validation',
    '--workspace',
    workspace,
    '--profile',
    profile,
    '--budget',
    'off',
    '--data',
    data,
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, [builtCli(), ...words, '--json'], {
    encoding: 'utf8',
    maxBuffer: 64e6,
  });
  const validation: unknown = stdout.trim() === '' ? undefined : JSON.parse(stdout);
  assert.ok(isValidation(validation), stderr);
  return { validation, code: status };
}

function holds(
  { judged, seen, ready }: Real,
  profile: Profile,
  { validation, code }: ReturnType<typeof validate>,
): void {
  const { checks, verdict, reasons } = validation;
  assert.equal(checks.length, targets[profile]);
  const faults = checks.filter(({ status }) => status === 'fail' || status === 'warn');
  const strange = faults.filter(({ id }) => !(id in judged));
  const said = strange.map(({ id, message, findings }) => [id, message, ...findings.slice(0, 5)]);
  assert.deepEqual(said, [], 'each fault is one that was read and is right');
  for (const [id, says] of Object.entries(seen)) {
    const check = checks.find((one) => one.id === id);
    if (check) assert.match(check.message, says, id);
  }
  assert.ok(checks.filter(({ status }) => status !== 'skip').length >= checks.length / 3, 'it looked');
  assert.notEqual(verdict, 'not_ready', reasons.join(' '));
  if (ready) assert.equal(verdict, 'ready', reasons.join(' '));
  assert.equal(code, verdict === 'ready' ? 0 : 3);
}

function cases(real: Real, profiles: readonly Profile[]): void {
  describe(`what is said of ${real.what}`, function () {
    this.timeout(600_000);
    let temporary: ReturnType<typeof folder>;
    let workspace: string;
    before(function () {
      temporary = folder();
      workspace = join(temporary.path, 'workspace');
      mkdirSync(workspace);
      const missing = real.make(workspace);
      if (missing !== undefined) {
        console.log(`      skipped: ${missing} is not on this machine`);
        return this.skip();
      }
      commit(workspace);
    });
    after(() => temporary.done());

    for (const profile of profiles) {
      it(`in ${profile}`, () => holds(real, profile, validate(workspace, profile, join(temporary.path, 'data'))));
    }
  });
}

for (const real of reals) cases(real, ['dev', 'ci', 'enterprise']);
// Its enterprise profile runs its tests, and this is one of them.
cases(own, ['dev', 'ci']);
