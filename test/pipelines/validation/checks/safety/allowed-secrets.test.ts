/** Secrets that people have accepted, by comments or by lists of other scanners, are counted but not reported. */
import assert from 'node:assert/strict';
import { dangerous } from '../../../../../src/pipelines/validation/checks/safety/code/dangerous.ts';
import { findAllowedLines } from '../../../../../src/pipelines/validation/checks/safety/scan/allow-marks.ts';
import { secrets } from '../../../../../src/pipelines/validation/checks/safety/secrets/secrets.ts';
import { testCheck } from '../check-cases.ts';
import { randomText } from './synthetic-secrets.ts';

const token = `gh${'p_'}${randomText(36)}`;
const line = `key = '${token}'`;

testCheck(secrets, [
  {
    title: 'counts secrets that comments for scanners accept',
    files: {
      'a.py': `${line}  # pragma: allowlist secret\n# pragma: allowlist nextline secret\n${line}\n${line}  # nosec\n`,
      'b.js': `${line}; // gitleaks:allow\n${line}; // trufflehog:ignore\n${line}; // ggignore\n${line}; // NOSONAR\n`,
      'c.js': `// secretlint-disable-next-line\n${line};\n// secretlint-disable\n${line};\n\n${line};\n// secretlint-enable\n`,
    },
    expected: 'pass',
    message: /^No secrets in 3 files\. Accepted: 10 \(pragma: allowlist secret, .+ and \d more\)\.$/m,
  },
  {
    title: 'reports secrets that comments do not accept',
    files: {
      'a.js': `// gitleaks:allow\n${line};\n// secretlint-disable\n// secretlint-enable\n${line};\n${line}; # nosec\n`,
      'b.py': `${line}  # nosec B301\n${line}  # noqa: E501\n`,
    },
    expected: ['a.js:2', 'a.js:5', 'a.js:6', 'b.py:1', 'b.py:2'],
  },
  {
    title: 'counts secrets in places that lists of other scanners accept',
    files: {
      '.gitleaks.toml': "[allowlist]\npaths = ['''^rules/.*\\.js$''', '''(?i)^DATA/''']\n",
      '.gitleaksignore': `# known\nsrc/a.js:github-pat:2\n${'0'.repeat(40)}:src/b.js:github-pat:1\n`,
      '.secretlintignore': 'generated-rules/\n',
      '.secrets.baseline': JSON.stringify({
        results: { 'src/c.py': [{ line_number: 1 }, { line_number: 2, is_secret: true }] },
      }),
      '.gitguardian.yaml': 'version: 2\nsecret:\n  ignored_paths:\n    - "lib/**"\n',
      'rules/a.js': line,
      'data/a.js': line,
      'generated-rules/a.js': line,
      'lib/a.js': line,
      'src/a.js': `${line}\n${line}\n`,
      'src/b.js': line,
      'src/c.py': `${line}\n${line}\n`,
    },
    expected: ['src/a.js:1', 'src/c.py:2'],
    message: /Accepted: 7 \(/,
  },
]);

testCheck(dangerous, [
  {
    title: 'counts dangerous calls that comments accept',
    files: {
      'a.js': 'eval(x); // eslint-disable-line no-eval\n// eslint-disable-next-line no-eval\neval(y);\n',
      'b.py': 'eval(x)  # noqa: S307\nexec(y)  # nosec B102\n',
    },
    expected: 'pass',
    message: /^No dangerous calls in 2 files\. Accepted: 4 \(/,
  },
  {
    title: 'reports dangerous calls beside comments about something else',
    files: { 'a.js': 'eval(x); // eslint-disable-line no-undef\n', 'b.py': 'eval(x)  # noqa: E501\n' },
    expected: ['a.js:1', 'b.py:1'],
  },
]);

describe('allow marks', () => {
  const rows: readonly (readonly [comment: string, line: number, allowed: boolean])[] = [
    ['x # pragma: whitelist secret', 1, true],
    ['x # pragma: no cover', 1, false],
    ['x // GITLEAKS:ALLOW', 1, true],
    ['# nosemgrep: generic.secrets\nx', 2, true],
    ['// skipcq: SCT-A000\nx', 2, true],
    ['x // DevSkim: ignore DS173237', 1, true],
    ['x # noqa: E501, S105', 1, true],
    ['x # NOQA: S105', 1, true],
    ['x # noqa: E105', 1, false],
    ['x // Pipescope:Allow', 1, true],
    ['x // pipescope:allowed', 1, false],
    ['// eslint-disable-next-line no-secrets/no-secrets\nx', 2, true],
    ['x // pipescope:allow', 1, true],
    ['x // ggignore-start\nx\n// ggignore-end\nx', 2, true],
    ['x // ggignore-start\nx\n// ggignore-end\nx', 4, false],
  ];
  for (const [comment, number, allowed] of rows) {
    it(`${allowed ? 'accept' : 'do not accept'} line ${number} of ${JSON.stringify(comment)}`, () => {
      assert.equal(findAllowedLines('a.py', comment, 'secrets')(number) !== undefined, allowed);
    });
  }
});
