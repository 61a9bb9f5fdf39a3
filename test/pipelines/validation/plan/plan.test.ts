import { strict as assert } from 'node:assert';
import { type Check, fail, type ProgramResult, pass } from '../../../../src/pipelines/validation/check/check.ts';
import { checks as builtIn } from '../../../../src/pipelines/validation/checks/checks.ts';
import { ConfigurationError } from '../../../../src/pipelines/validation/plan/configuration-error.ts';
import { createCustomCheck } from '../../../../src/pipelines/validation/plan/custom-check.ts';
import { createPlan } from '../../../../src/pipelines/validation/plan/plan.ts';
import { profileRows } from '../../../../src/pipelines/validation/plan/profiles.ts';
import type { CustomCheck, CustomValidation } from '../../../../src/protocol/validation/custom-validation.ts';
import { isCustomValidation } from '../../../../src/protocol/validation/custom-validation.ts';
import { type PlantedRepository, plant } from '../planted-repository.ts';

const row = (id: string, more: Partial<Check> = {}): Check => ({
  ...{ id, category: 'build', severity: 'fatal', minProfile: 'dev', title: '', timeoutMs: 1000, lane: 'cheap' },
  run: async () => pass('Well.'),
  ...more,
});
const table = [row('A'), row('B', { minProfile: 'ci', dependsOn: ['A'] }), row('C', { minProfile: 'enterprise' })];
const plan = (custom: CustomValidation, profile: string, rows: readonly Check[] = table) =>
  createPlan(rows, custom, profile).profile;
const ids = (custom: CustomValidation, profile: string): string[] => plan(custom, profile).checks.map(({ id }) => id);

describe('createPlan', () => {
  it('includes the checks of a profile and of all smaller ones', () => {
    assert.deepEqual(ids({}, 'dev'), ['A']);
    assert.deepEqual(ids({}, 'ci'), ['A', 'B']);
    assert.deepEqual(ids({}, 'enterprise'), ['A', 'B', 'C']);
  });

  const limits: readonly [string, number, number, number][] = [
    ['dev', 70, 20, 5000],
    ['ci', 80, 10, 8000],
    ['enterprise', 90, 5, 10_000],
  ];
  for (const [id, minScore, maxWarnings, budgetMs] of limits) {
    it(`requires ${minScore} points and allows ${maxWarnings} warnings and ${budgetMs} ms in ${id}`, () => {
      const profile = plan({}, id);
      assert.deepEqual([profile.minScore, profile.maxWarnings, profile.budgetMs], [minScore, maxWarnings, budgetMs]);
    });
  }

  it('requires 13, 16 and 18 checks in the built-in profiles', () => {
    assert.deepEqual(
      profileRows.map(({ required }) => new Set(required).size),
      [13, 16, 18],
    );
  });

  it('adds custom checks to every built-in profile and configures built-in checks', () => {
    const custom: CustomValidation = {
      checks: [
        { id: 'MINE', command: 'make', category: 'deployment', severity: 'info', timeoutMs: 5, dependsOn: ['A'] },
        { id: 'B', builtin: 'B', severity: 'warning' },
        { id: 'AGAIN', builtin: 'C' },
      ],
    };
    assert.deepEqual(ids(custom, 'dev'), ['A', 'MINE', 'AGAIN']);
    const checks = plan(custom, 'ci').checks;
    assert.deepEqual(
      checks.map(({ id, severity, category, lane }) => [id, severity, category, lane]),
      [
        ['A', 'fatal', 'build', 'cheap'],
        ['B', 'warning', 'build', 'cheap'],
        ['MINE', 'info', 'deployment', 'process'],
        ['AGAIN', 'fatal', 'build', 'cheap'],
      ],
    );
    assert.deepEqual(checks[1]?.dependsOn, ['A'], 'properties that are not set stay as they are');
  });

  it('supports custom profiles, with and without a base, and changes to built-in ones', () => {
    const custom: CustomValidation = {
      profiles: {
        alone: { checks: ['C'], minScore: 0 },
        night: { extends: 'ci', checks: ['C'], required: ['X'], budgetMs: 60_000, parallel: 3 },
        later: { extends: 'night', maxWarnings: 1 },
        ci: { minScore: 50 },
      },
    };
    assert.deepEqual(ids(custom, 'alone'), ['C']);
    assert.deepEqual(plan(custom, 'alone').required, []);
    assert.deepEqual(ids(custom, 'later'), ['A', 'B', 'C']);
    const { minScore, maxWarnings, budgetMs, parallel, required, mode } = plan(custom, 'later');
    assert.deepEqual([minScore, maxWarnings, budgetMs, parallel, mode], [50, 1, 60_000, 3, 'strict']);
    assert.ok(required.includes('X') && required.includes('GEN_FRESH'));
    assert.deepEqual(ids(custom, 'ci'), ['A', 'B']);
    assert.equal(plan(custom, 'ci').minScore, 50);
  });

  it('includes disabled checks and the weights of categories', () => {
    const { disabled, weights } = createPlan(table, { disabled: ['A'], weights: { build: 1 } }, 'dev');
    assert.deepEqual([...disabled], ['A']);
    assert.deepEqual(weights, { weights: { build: 1 }, renormalize: true });
    assert.equal(createPlan(table, { renormalizeWeights: false }, 'dev').weights.renormalize, false);
  });

  const customCheck = (more: Partial<CustomCheck> = {}): CustomCheck => ({ id: 'MINE', command: 'make', ...more });
  const invalid: readonly [string, CustomValidation, RegExp, string?][] = [
    ['an unknown profile', {}, /^Unknown profile x\. Available profiles: dev, ci, enterprise, y\.$/, 'x'],
    [
      'an unknown check in a profile',
      { profiles: { x: { checks: ['NO'] } } },
      /^Profile x lists the check NO, which does not exist/,
    ],
    ['an unknown disabled check', { disabled: ['NO'] }, /^"disabled" lists the check NO, which does not exist/],
    ['an unknown dependency', { checks: [customCheck({ dependsOn: ['NO'] })] }, /^Check MINE depends on the check NO/],
    [
      'an unknown built-in check',
      { checks: [{ id: 'MINE', builtin: 'NO' }] },
      /refers to the built-in check NO, which does not exist/,
    ],
    [
      'the id of a built-in check',
      { checks: [customCheck({ id: 'A' })] },
      /^There is already a built-in check A\. Rename yours/,
    ],
    ['a duplicate id', { checks: [customCheck(), customCheck()] }, /^There are two checks MINE/],
    ['a check without a program', { checks: [{ id: 'MINE' }] }, /^Check MINE must have either "command" or "builtin"/],
    [
      'an invalid expression',
      { checks: [customCheck({ parse: '(' })] },
      /^"parse" of check MINE is not a valid regular expression/,
    ],
    [
      'an expression without a file group',
      { checks: [customCheck({ parse: 'a' })] },
      /^"parse" of check MINE must contain the group \(\?<file>/,
    ],
    [
      'profiles in a cycle',
      { profiles: { x: { extends: 'z' }, z: { extends: 'x' } } },
      /^Profiles extend each other: x → z → x\.$/,
      'x',
    ],
    [
      'checks in a cycle',
      { checks: [customCheck({ dependsOn: ['OTHER'] }), customCheck({ id: 'OTHER', dependsOn: ['A', 'MINE'] })] },
      /^Checks depend on each other: MINE → OTHER → MINE\./,
    ],
    ['weights that do not sum to 1', { renormalizeWeights: false, weights: { build: 0.9 } }, /weights .* sum to 1\.65/],
  ];
  for (const [what, custom, message, profile = 'dev'] of invalid) {
    it(`rejects ${what} with a message that names it`, () => {
      assert.ok(isCustomValidation(custom), 'the guard accepts it');
      const withProfile = profile === 'x' && !custom.profiles ? { profiles: { y: {} } } : custom;
      assert.throws(() => createPlan(table, withProfile, profile), { name: ConfigurationError.name, message });
    });
  }

  it('needs no custom configuration', () => {
    for (const { id } of profileRows) assert.ok(createPlan(builtIn, {}, id).profile.checks.length > 0);
  });
});

describe('isCustomValidation', () => {
  const invalid: readonly unknown[] = [
    null,
    [],
    { profiles: [] },
    { profiles: { a: { minScore: '1' } } },
    { profiles: { a: { parallel: 0 } } },
    { checks: [{}] },
    { checks: [{ id: 'A', severity: 'bad' }] },
    { checks: [{ id: 'A', args: 'x' }] },
    { weights: { a: -1 } },
    { disabled: [1] },
    { renormalizeWeights: 'yes' },
  ];
  for (const value of invalid) {
    it(`rejects ${JSON.stringify(value)}`, () => assert.equal(isCustomValidation(value), false));
  }
});

describe('createCustomCheck', () => {
  let planted: PlantedRepository;
  before(async () => {
    planted = await plant({
      'sub/tool.sh': { run: '#!/bin/sh\nprintf "%s\\n" "$@"\nexit $#\n' },
      'sub/a.ts': '',
    });
  });
  after(() => planted.dispose());
  const run = (args: readonly string[], more: Partial<CustomCheck> = {}) =>
    createCustomCheck({ id: 'MINE', command: './tool.sh', cwd: 'sub', args, ...more }, []).run(planted.context);

  it('passes if the program exits with 0 and keeps its output as evidence', async () => {
    const passed = await run([]);
    assert.deepEqual([passed.status, passed.message], ['pass', './tool.sh exited with code 0.']);
    assert.equal((await run(['x'])).evidence?.[0]?.content, 'x\n');
  });

  it('fails on another exit code, with the findings that the expression matches inside the workspace', async () => {
    const parse = '^(?<file>[^:]+):(?<line>\\d+)?:? ?(?<message>.*)$';
    const lines = ['a.ts:3: bad', `${planted.root}/sub/a.ts:x`, '../../etc/passwd:1: out', 'no file here'];
    const outcome = await run(lines, { parse });
    assert.equal(outcome.status, 'fail');
    assert.equal(outcome.message, './tool.sh exited with code 4, with 2 findings.');
    assert.deepEqual(outcome.findings, [
      { file: 'sub/a.ts', line: 3, message: 'bad' },
      { file: 'sub/a.ts', message: 'x' },
    ]);
    assert.deepEqual(outcome.remediation?.[0]?.command, ['./tool.sh', ...lines]);
  });

  it('is skipped if the program does not exist', async () => {
    const outcome = await run([], { command: 'no-such-program-here', cwd: '.' });
    assert.deepEqual([outcome.status, outcome.skipReason], ['skip', 'tool_missing']);
  });

  it('prefers a tool of the workspace', async () => {
    const commands: string[] = [];
    const repository = {
      ...planted.context.repository,
      root: planted.root,
      tool: async (name: string) => `/bin/${name}`,
    };
    const result: ProgramResult = { code: 0, stdout: '', stderr: '', isTruncated: false };
    const context = {
      ...planted.context,
      repository,
      run: async (command: string) => {
        commands.push(command);
        return result;
      },
    };
    await createCustomCheck({ id: 'MINE', command: 'true' }, []).run(context);
    assert.deepEqual(commands, ['/bin/true']);
  });

  it('runs a built-in check under another id', async () => {
    const check = createCustomCheck({ id: 'MINE', builtin: 'A', severity: 'info' }, [
      row('A', { run: async () => fail('Bad.') }),
    ]);
    assert.equal((await check.run(planted.context)).message, 'Bad.');
    assert.equal(check.severity, 'info');
  });
});
