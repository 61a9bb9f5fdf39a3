import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isValidation } from '../../../src/protocol/validation/validation.ts';
import { pipescope } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const config = {
  validation: {
    profiles: {
      good: { checks: ['PASSES'] },
      bad: { checks: ['PASSES', 'FAILS'] },
      open: { checks: ['PASSES', 'LACKS'] },
    },
    checks: [
      { id: 'PASSES', command: 'node', args: ['-e', ''], category: 'build' },
      { id: 'LACKS', command: 'no-such-program-here', category: 'build' },
      {
        id: 'FAILS',
        command: 'node',
        args: ['-e', 'console.log("a.ts:1: bad"); process.exit(1)'],
        category: 'build',
        parse: '^(?<file>[^:]+):(?<line>\\d+): (?<message>.*)$',
      },
    ],
  },
};

describe('pipescope run validation', function () {
  this.timeout(120_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let workspace: string;
  before(() => {
    temporary = createTemporaryFolder();
    workspace = join(temporary.path, 'workspace');
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'a.ts'), 'export const a = 1;\n');
  });
  beforeEach(() => writeFileSync(join(workspace, 'pipescope.json'), JSON.stringify(config)));
  after(() => temporary.done());

  const validate = (...args: string[]) =>
    pipescope(['run', 'validation', '--workspace', workspace, '--data', join(temporary.path, 'data'), ...args]);

  const codes: readonly [string, number, string][] = [
    ['good', 0, 'ready'],
    ['bad', 1, 'not_ready'],
    ['open', 3, 'incomplete'],
  ];
  for (const [profile, code, verdict] of codes) {
    it(`ends with exit code ${code} and prints only JSON if the verdict is ${verdict}`, async () => {
      const output = await validate('--profile', profile, '--json');
      assert.equal(output.code, code, output.stderr);
      const validation: unknown = JSON.parse(output.stdout);
      assert.ok(isValidation(validation));
      assert.deepEqual([validation.verdict, validation.profile], [verdict, profile]);
      assert.ok(!readdirSync(join(temporary.path, 'data', 'validation')).some((name) => name.startsWith('result')));
    });
  }

  it('prints a row for each check, the reasons, the score and the bundle', async () => {
    const out = join(temporary.path, 'out');
    const { code, stdout, stderr } = await validate('--profile', 'bad', '--out', out, '--parallel', 'serial');
    assert.equal(code, 1);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^pass {2}PASSES +[\d.]+ m?s {2}node exited with code 0\.$/);
    assert.match(lines[1] ?? '', /^fail {2}FAILS +[\d.]+ m?s {2}node exited with code 1, with 1 finding\. · a\.ts:1$/);
    assert.equal(lines[3], '- FAILS failed: node exited with code 1, with 1 finding.');
    assert.match(lines.join('\n'), /\nNot ready: score 50 of 100 \(at least 70\), 1 of 6 categories evaluated\.\n/);
    assert.equal(lines.at(-1), `Bundle: ${out}`);
    assert.match(stderr, /✖ error {4}build .* 1 failed\n/);
    const report: unknown = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    assert.ok(isValidation(report));
    assert.deepEqual(report.parallel, { asked: 'serial', lanes: 1 });
  });

  it('ends with exit code 2 and one message for invalid arguments or configuration', async () => {
    const invalidOption = await validate('--profile', 'nope');
    assert.equal(invalidOption.code, 2);
    assert.match(
      invalidOption.stderr,
      /^Unknown profile nope\. Available profiles: dev, ci, enterprise, good, bad, open\.$/m,
    );
    assert.equal(invalidOption.stdout, '');
    writeFileSync(join(workspace, 'pipescope.json'), '{"validation":\n{"check": []}}');
    const invalidFile = await validate();
    assert.equal(invalidFile.code, 2);
    assert.match(invalidFile.stderr, /^pipescope\.json, line 2: “check” is not a known key/);
  });
});
