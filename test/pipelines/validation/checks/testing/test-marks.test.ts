/** Focused and skipped tests in each language, and code that only looks like them. */
import { strict as assert } from 'node:assert';
import { locationsIn, outcomeOf } from './outcome.ts';

/** Content of a test file with this extension, and the lines of the expected findings. */
type Row = readonly [what: string, ext: string, text: string, lines: readonly number[]];

function each(id: string, rows: readonly Row[]): void {
  for (const [what, ext, text, lines] of rows) {
    it(lines.length > 0 ? `detects ${what}` : `ignores ${what}`, async () => {
      const file = ext === 'go' ? 'x_test.go' : ext === 'py' ? 'tests/test_x.py' : `test/x.test.${ext}`;
      const outcome = await outcomeOf(id, { [file]: text });
      assert.deepEqual(
        locationsIn(outcome),
        lines.map((line) => `${file}:${line}`),
        outcome.message,
      );
      assert.equal(outcome.status, lines.length > 0 ? 'fail' : 'pass');
      if (lines.length > 0) assert.ok(outcome.message.startsWith(`${lines.length} `), outcome.message);
    });
  }
}

describe('TST_FOCUSED', () => {
  each('TST_FOCUSED', [
    ['it.only', 'ts', `it('a', () => {});\nit.only('b', () => {});\n`, [2]],
    ['describe.only.each', 'ts', `describe.only.each([1])('x', () => {});`, [1]],
    ['concurrent and serial tests', 'js', `it.concurrent.only('a', f);\ntest.serial.only('b', f);`, [1, 2]],
    [
      'focused suites of Playwright',
      'ts',
      `import { test } from '@playwright/test';\ntest.describe.parallel.only('x', () => {});`,
      [2],
    ],
    [
      'focused tests inside of running tests, which test a runner',
      'ts',
      `Deno.test('a', async (t) => {\n  it.only('b', f);\n  await t.step('c', () => { describe.only('d', f); });\n});\ntest('e', () => {\n  const { it } = create();\n  it.only('f', f);\n});`,
      [],
    ],
    [
      'a focused test in a suite beside tests',
      'ts',
      `describe('a', () => {\n  it('b', f);\n  it.only('c', f);\n});`,
      [3],
    ],
    ['fit and fdescribe', 'js', `fdescribe('x', () => {\n  fit('y', () => {});\n});`, [1, 2]],
    ['an option of node:test', 'ts', `import { it } from 'node:test';\nit('a', { only: true }, () => {});`, [2]],
    ['a runner derived from another', 'ts', `const test = base.extend({});\ntest.only('a', () => {});`, [2]],
    ['it.only in TSX', 'tsx', `it.only('a', () => { render(<b>it.only('x')</b>); });`, [1]],
    [
      'comments, strings, templates and JSX',
      'tsx',
      `// it.only('a')\nconst a = "it.only('b')";\nconst b = \`\${c} it.only('d')\`;\nconst e = <p>fit(x)</p>;`,
      [],
    ],
    [
      'the definition of another focusing function',
      'ts',
      `export const both = (name, run) => { it(name, run); };\nboth.only = (name, run) => { it.only(name, run); };\nfunction fit2(...args) { return test.only(...args); }\nconst itOnly = (title, run) => it.only(title, async () => run(await setUp()));\nboth.only = it.only;`,
      [],
    ],
    [
      'focused tests in loops and helpers',
      'ts',
      `for (const name of names) it.only(name, () => {});\nfunction define() { it.only('a', () => {}); }\nnames.forEach((name) => it.only(name, () => {}));`,
      [1, 2, 3],
    ],
    [
      'a focused test in a function whose name contains only',
      'ts',
      `const runOnly = () => {\n  it.only('a', () => {});\n};\nfunction onlyOnLinux() { it.only(\`b\`, () => {}); }`,
      [2, 4],
    ],
    [
      'an imported function called fit',
      'ts',
      `import { fit } from '../src/regression.ts';\nfit([1, 2]);\nmodel.fit(3);`,
      [],
    ],
    ['a function of the file', 'ts', `function fit(x) { return x; }\nfit(1);`, []],
    [
      'other methods called only',
      'ts',
      `const pick = query.only('name');\nlodash.test.only;\nit('a', { only: false }, f);`,
      [],
    ],
    [
      'focused containers of Ginkgo',
      'go',
      `package x\nimport . "github.com/onsi/ginkgo/v2"\nvar _ = FDescribe("x", func() {\n\t// FIt("no")\n\tFIt("a", func() {})\n})\n`,
      [3, 5],
    ],
    ['the same names without Ginkgo', 'go', 'package x\nvar _ = FIt(y)\n', []],
    ['it.only in Python', 'py', `def test_a():\n    it.only('x')\n`, []],
  ]);

  it('ignores fixtures and source files', async () => {
    const files = { 'test/fixtures/a.test.ts': `it.only('x', f);`, 'src/a.ts': `it.only('x', f);` };
    assert.equal((await outcomeOf('TST_FOCUSED', files)).skipReason, 'not_applicable');
    const both = await outcomeOf('TST_FOCUSED', { ...files, 'src/a.test.ts': `it.only('x', f);` });
    assert.deepEqual(locationsIn(both), ['src/a.test.ts:1']);
  });
});

describe('TST_SKIPPED', () => {
  each('TST_SKIPPED', [
    ['it.skip, xit and xdescribe', 'ts', `it.skip('a', f);\nxit('b', f);\nxdescribe('c', f);`, [1, 2, 3]],
    ['a skip option', 'ts', `test('a', { skip: true }, f);\ntest('b', { skip: 'later' }, f);`, [1, 2]],
    [
      'conditional skips',
      'ts',
      `it.skipIf(windows)('a', f);\ntest('b', { skip: windows }, f);\nit('c', function () { this.skip(); });\nfunction cases() {\n  if (x) it('d', f);\n  else it.skip('d');\n}`,
      [],
    ],
    ['other uses of skip', 'ts', `// it.skip('a')\nstream.skip(3);\nconst t = "xit('b')";`, []],
    ['a skip mark of pytest', 'py', `import pytest\n@pytest.mark.skip(reason="x")\ndef test_a():\n    pass\n`, [2]],
    ['a skipped Python module', 'py', `import pytest\npytestmark = pytest.mark.skip\n`, [2]],
    [
      'a skip decorator of unittest',
      'py',
      `import unittest\n@unittest.skip("x")\nclass T(unittest.TestCase):\n    pass\n`,
      [2],
    ],
    [
      'an imported skip decorator',
      'py',
      `from unittest import TestCase, skip\nclass T(TestCase):\n    @skip("x")\n    def test_a(self): pass\n`,
      [3],
    ],
    [
      'a skipped test but not one inside another test',
      'py',
      'import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        class Inner(unittest.TestCase):\n            @unittest.skip("x")\n            def test_b(self): pass\n    @unittest.skip("y")\n    def test_c(self): pass\n',
      [7],
    ],
    [
      'conditional skips in Python',
      'py',
      `import pytest\n@pytest.mark.skipif(x, reason="y")\ndef test_a():\n    pytest.skip("z")\n`,
      [],
    ],
    [
      'comments and strings in Python',
      'py',
      `"""\n@pytest.mark.skip\n"""\n# @pytest.mark.skip\n@skip\ndef f(): pass\n`,
      [],
    ],
    [
      'ignored tests in Rust',
      'rs',
      `#[test]\n#[ignore = "slow"]\nfn a() {}\n// #[ignore]\n#[cfg_attr(windows, ignore)]\nfn b() {}\n`,
      [2],
    ],
    [
      'skipped tests in Go',
      'go',
      `package x\nfunc TestA(t *testing.T) {\n\tt.Skip("x")\n}\nfunc TestB(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip("y")\n\t}\n}\n`,
      [3],
    ],
  ]);

  it('counts conditionally skipped tests', async () => {
    const outcome = await outcomeOf('TST_SKIPPED', { 'a.test.js': `it.skipIf(x)('a', f);\nit.runIf(y)('b', f);` });
    assert.match(outcome.message, /2 are skipped conditionally/);
  });

  it('finds Rust tests in source files', async () => {
    const outcome = await outcomeOf('TST_SKIPPED', {
      'src/lib.rs': '#[cfg(test)]\nmod t {\n#[test]\n#[ignore]\nfn a() {}\n}',
    });
    assert.deepEqual(locationsIn(outcome), ['src/lib.rs:4']);
  });

  it('is skipped without test files', async () => {
    assert.equal((await outcomeOf('TST_SKIPPED', { 'src/a.ts': 'xit(1);' })).skipReason, 'not_applicable');
  });
});
