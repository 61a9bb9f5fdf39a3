import { strict as assert } from 'node:assert';
import { type Check, fault, pass, type Ran } from '../../../../src/pipelines/validation/check/check.ts';
import { checks as builtIn } from '../../../../src/pipelines/validation/checks/checks.ts';
import { Misconfigured } from '../../../../src/pipelines/validation/plan/config-error.ts';
import { ownCheck } from '../../../../src/pipelines/validation/plan/custom-check.ts';
import { planOf } from '../../../../src/pipelines/validation/plan/plan.ts';
import { profileRows } from '../../../../src/pipelines/validation/plan/profiles.ts';
import type { CustomCheck, OwnValidation } from '../../../../src/protocol/custom-validation.ts';
import { isOwnValidation } from '../../../../src/protocol/custom-validation.ts';
import { type Plant, plant } from '../planted-repository.ts';

const row = (id: string, more: Partial<Check> = {}): Check => ({
  ...{ id, category: 'build', severity: 'fatal', from: 'dev', title: '', timeoutMs: 1000, lane: 'cheap' },
  run: async () => pass('Well.'),
  ...more,
});
const table = [row('A'), row('B', { from: 'ci', dependsOn: ['A'] }), row('C', { from: 'enterprise' })];
const plan = (own: OwnValidation, profile: string, rows: readonly Check[] = table) =>
  planOf(rows, own, profile).profile;
const ids = (own: OwnValidation, profile: string): string[] => plan(own, profile).checks.map(({ id }) => id);

describe('the plan of a validation', () => {
  it('has the checks of a profile and of those before it', () => {
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
    it(`takes ${minScore} points, ${maxWarnings} warnings and ${budgetMs} ms in ${id}`, () => {
      const found = plan({}, id);
      assert.deepEqual([found.minScore, found.maxWarnings, found.budgetMs], [minScore, maxWarnings, budgetMs]);
    });
  }

  it('requires what is fatal: 13, 16 and 18 checks', () => {
    assert.deepEqual(
      profileRows.map(({ required }) => new Set(required).size),
      [13, 16, 18],
    );
  });

  it('adds checks of one’s own to every built-in profile, and changes one that is built in', () => {
    const own: OwnValidation = {
      checks: [
        { id: 'MINE', command: 'make', category: 'deployment', severity: 'info', timeoutMs: 5, dependsOn: ['A'] },
        { id: 'B', builtin: 'B', severity: 'warning' },
        { id: 'AGAIN', builtin: 'C' },
      ],
    };
    assert.deepEqual(ids(own, 'dev'), ['A', 'MINE', 'AGAIN']);
    const checks = plan(own, 'ci').checks;
    assert.deepEqual(
      checks.map(({ id, severity, category, lane }) => [id, severity, category, lane]),
      [
        ['A', 'fatal', 'build', 'cheap'],
        ['B', 'warning', 'build', 'cheap'],
        ['MINE', 'info', 'deployment', 'process'],
        ['AGAIN', 'fatal', 'build', 'cheap'],
      ],
    );
    assert.deepEqual(checks[1]?.dependsOn, ['A'], 'what is not said stays');
  });

  it('makes profiles of one’s own, alone or upon another, and changes those built in', () => {
    const own: OwnValidation = {
      profiles: {
        alone: { checks: ['C'], minScore: 0 },
        night: { extends: 'ci', checks: ['C'], required: ['X'], budgetMs: 60_000, parallel: 3 },
        later: { extends: 'night', maxWarnings: 1 },
        ci: { minScore: 50 },
      },
    };
    assert.deepEqual(ids(own, 'alone'), ['C']);
    assert.deepEqual(plan(own, 'alone').required, []);
    assert.deepEqual(ids(own, 'later'), ['A', 'B', 'C']);
    const { minScore, maxWarnings, budgetMs, parallel, required, mode } = plan(own, 'later');
    assert.deepEqual([minScore, maxWarnings, budgetMs, parallel, mode], [50, 1, 60_000, 3, 'strict']);
    assert.ok(required.includes('X') && required.includes('GEN_FRESH'));
    assert.deepEqual(ids(own, 'ci'), ['A', 'B']);
    assert.equal(plan(own, 'ci').minScore, 50);
  });

  it('knows what is disabled, and how categories weigh', () => {
    const { disabled, weighing } = planOf(table, { disabled: ['A'], weights: { build: 1 } }, 'dev');
    assert.deepEqual([...disabled], ['A']);
    assert.deepEqual(weighing, { weights: { build: 1 }, renormalize: true });
    assert.equal(planOf(table, { renormalizeWeights: false }, 'dev').weighing.renormalize, false);
  });

  const mine = (more: Partial<CustomCheck> = {}): CustomCheck => ({ id: 'MINE', command: 'make', ...more });
  const wrong: readonly [string, OwnValidation, RegExp, string?][] = [
    ['a profile that does not exist', {}, /^There is no profile x\. There are: dev, ci, enterprise, y\.$/, 'x'],
    [
      'a check in a profile',
      { profiles: { x: { checks: ['NO'] } } },
      /^The profile x has the check NO, which does not/,
    ],
    ['a check that is disabled', { disabled: ['NO'] }, /^"disabled" names the check NO, which does not exist/],
    ['what a check needs', { checks: [mine({ dependsOn: ['NO'] })] }, /^The check MINE depends on the check NO/],
    ['a built-in check', { checks: [{ id: 'MINE', builtin: 'NO' }] }, /names the built-in check NO, which does not/],
    ['the id of another', { checks: [mine({ id: 'A' })] }, /^There is a built-in check A\. Name yours otherwise/],
    ['an id twice', { checks: [mine(), mine()] }, /^There are two checks MINE/],
    ['nothing to run', { checks: [{ id: 'MINE' }] }, /^The check MINE wants either "command" or "builtin"/],
    ['an expression', { checks: [mine({ parse: '(' })] }, /^"parse" of the check MINE is no regular expression/],
    ['no group', { checks: [mine({ parse: 'a' })] }, /^"parse" of the check MINE has no group/],
    [
      'profiles in a circle',
      { profiles: { x: { extends: 'z' }, z: { extends: 'x' } } },
      /^Profiles extend each other: x → z → x\.$/,
      'x',
    ],
    [
      'checks in a circle',
      { checks: [mine({ dependsOn: ['OTHER'] }), mine({ id: 'OTHER', dependsOn: ['A', 'MINE'] })] },
      /^Checks wait for each other: MINE → OTHER → MINE\./,
    ],
    ['weights that are no whole', { renormalizeWeights: false, weights: { build: 0.9 } }, /weights .* come to 1\.65/],
  ];
  for (const [what, own, message, profile = 'dev'] of wrong) {
    it(`refuses ${what}, in one sentence that names it`, () => {
      assert.ok(isOwnValidation(own), 'a guard cannot find that');
      const named = profile === 'x' && !own.profiles ? { profiles: { y: {} } } : own;
      assert.throws(() => planOf(table, named, profile), { name: Misconfigured.name, message });
    });
  }

  it('needs no more than what is built in', () => {
    for (const { id } of profileRows) assert.ok(planOf(builtIn, {}, id).profile.checks.length > 0);
  });
});

describe('the guard of one’s own validation', () => {
  const bad: readonly unknown[] = [
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
  for (const value of bad) {
    it(`takes no ${JSON.stringify(value)}`, () => assert.equal(isOwnValidation(value), false));
  }
});

describe('a program as a check', () => {
  let planted: Plant;
  before(async () => {
    planted = await plant({
      'sub/tool.sh': { run: '#!/bin/sh\nprintf "%s\\n" "$@"\nexit $#\n' },
      'sub/a.ts': '',
    });
  });
  after(() => planted.dispose());
  const run = (args: readonly string[], more: Partial<CustomCheck> = {}) =>
    ownCheck({ id: 'MINE', command: './tool.sh', cwd: 'sub', args, ...more }, []).run(planted.context);

  it('passes where it ends with 0, with what it printed as evidence', async () => {
    const passed = await run([]);
    assert.deepEqual([passed.status, passed.message], ['pass', './tool.sh ended with exit code 0.']);
    assert.equal((await run(['x'])).evidence?.[0]?.content, 'x\n');
  });

  it('fails where it does not, with the places that the expression finds inside the workspace', async () => {
    const parse = '^(?<file>[^:]+):(?<line>\\d+)?:? ?(?<message>.*)$';
    const lines = ['a.ts:3: bad', `${planted.root}/sub/a.ts:x`, '../../etc/passwd:1: out', 'nothing here'];
    const found = await run(lines, { parse });
    assert.equal(found.status, 'fail');
    assert.equal(found.message, './tool.sh ended with exit code 4, with 2 findings.');
    assert.deepEqual(found.findings, [
      { file: 'sub/a.ts', line: 3, message: 'bad' },
      { file: 'sub/a.ts', message: 'x' },
    ]);
    assert.deepEqual(found.remediation?.[0]?.command, ['./tool.sh', ...lines]);
  });

  it('is skipped where there is no such program', async () => {
    const found = await run([], { command: 'no-such-program-here', cwd: '.' });
    assert.deepEqual([found.status, found.skipReason], ['skip', 'tool_missing']);
  });

  it('is looked for where the workspace has its tools', async () => {
    const asked: string[] = [];
    const repository = {
      ...planted.context.repository,
      root: planted.root,
      tool: async (name: string) => `/bin/${name}`,
    };
    const ran: Ran = { code: 0, stdout: '', stderr: '', cut: false };
    const context = {
      ...planted.context,
      repository,
      run: async (command: string) => {
        asked.push(command);
        return ran;
      },
    };
    await ownCheck({ id: 'MINE', command: 'true' }, []).run(context);
    assert.deepEqual(asked, ['/bin/true']);
  });

  it('hands a built-in check on as it is', async () => {
    const own = ownCheck({ id: 'MINE', builtin: 'A', severity: 'info' }, [
      row('A', { run: async () => fault('Bad.') }),
    ]);
    assert.equal((await own.run(planted.context)).message, 'Bad.');
    assert.equal(own.severity, 'info');
  });
});
