/** Focused and skipped tests by syntax, per language: what is one, what only looks like one. */
import { strict as assert } from 'node:assert';
import { outcomeOf, placesIn } from './outcome.ts';

/** What stands in the file `test/x.<ext>`, and the lines at which something is found. */
type Row = readonly [what: string, ext: string, text: string, lines: readonly number[]];

function each(id: string, rows: readonly Row[]): void {
  for (const [what, ext, text, lines] of rows) {
    it(what, async () => {
      const file = ext === 'go' ? 'x_test.go' : ext === 'py' ? 'tests/test_x.py' : `test/x.test.${ext}`;
      const outcome = await outcomeOf(id, { [file]: text });
      assert.deepEqual(
        placesIn(outcome),
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
    ['concurrent, serial', 'js', `it.concurrent.only('a', f);\ntest.serial.only('b', f);`, [1, 2]],
    ['playwright', 'ts', `import { test } from '@playwright/test';\ntest.describe.parallel.only('x', () => {});`, [2]],
    ['fit and fdescribe', 'js', `fdescribe('x', () => {\n  fit('y', () => {});\n});`, [1, 2]],
    ['an option of node:test', 'ts', `import { it } from 'node:test';\nit('a', { only: true }, () => {});`, [2]],
    ['a runner made from another', 'ts', `const test = base.extend({});\ntest.only('a', () => {});`, [2]],
    ['in TSX', 'tsx', `it.only('a', () => { render(<b>it.only('x')</b>); });`, [1]],
    [
      'comment, string, template, JSX',
      'tsx',
      `// it.only('a')\nconst a = "it.only('b')";\nconst b = \`\${c} it.only('d')\`;\nconst e = <p>fit(x)</p>;`,
      [],
    ],
    [
      'a product that is called fit',
      'ts',
      `import { fit } from '../src/regression.ts';\nfit([1, 2]);\nmodel.fit(3);`,
      [],
    ],
    ['a function of the file', 'ts', `function fit(x) { return x; }\nfit(1);`, []],
    ['a list with only', 'ts', `const pick = query.only('name');\nlodash.test.only;\nit('a', { only: false }, f);`, []],
    [
      'Ginkgo',
      'go',
      `package x\nimport . "github.com/onsi/ginkgo/v2"\nvar _ = FDescribe("x", func() {\n\t// FIt("no")\n\tFIt("a", func() {})\n})\n`,
      [3, 5],
    ],
    ['the same words without Ginkgo', 'go', 'package x\nvar _ = FIt(y)\n', []],
    ['Python has none', 'py', `def test_a():\n    it.only('x')\n`, []],
  ]);

  it('leaves fixtures and sources alone, and has read the test beside them', async () => {
    const files = { 'test/fixtures/a.test.ts': `it.only('x', f);`, 'src/a.ts': `it.only('x', f);` };
    assert.equal((await outcomeOf('TST_FOCUSED', files)).skipReason, 'not_applicable');
    const both = await outcomeOf('TST_FOCUSED', { ...files, 'src/a.test.ts': `it.only('x', f);` });
    assert.deepEqual(placesIn(both), ['src/a.test.ts:1']);
  });
});

describe('TST_SKIPPED', () => {
  each('TST_SKIPPED', [
    ['it.skip, xit, xdescribe', 'ts', `it.skip('a', f);\nxit('b', f);\nxdescribe('c', f);`, [1, 2, 3]],
    ['an option', 'ts', `test('a', { skip: true }, f);\ntest('b', { skip: 'later' }, f);`, [1, 2]],
    [
      'on a condition',
      'ts',
      `it.skipIf(windows)('a', f);\ntest('b', { skip: windows }, f);\nit('c', function () { this.skip(); });\nfunction cases() {\n  if (x) it('d', f);\n  else it.skip('d');\n}`,
      [],
    ],
    ['no skip', 'ts', `// it.skip('a')\nstream.skip(3);\nconst t = "xit('b')";`, []],
    ['pytest', 'py', `import pytest\n@pytest.mark.skip(reason="x")\ndef test_a():\n    pass\n`, [2]],
    ['a module', 'py', `import pytest\npytestmark = pytest.mark.skip\n`, [2]],
    ['unittest', 'py', `import unittest\n@unittest.skip("x")\nclass T(unittest.TestCase):\n    pass\n`, [2]],
    [
      'imported by name',
      'py',
      `from unittest import TestCase, skip\nclass T(TestCase):\n    @skip("x")\n    def test_a(self): pass\n`,
      [3],
    ],
    [
      'a test of skipping in Python',
      'py',
      'import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        class Inner(unittest.TestCase):\n            @unittest.skip("x")\n            def test_b(self): pass\n    @unittest.skip("y")\n    def test_c(self): pass\n',
      [7],
    ],
    [
      'conditions of Python',
      'py',
      `import pytest\n@pytest.mark.skipif(x, reason="y")\ndef test_a():\n    pytest.skip("z")\n`,
      [],
    ],
    ['text of Python', 'py', `"""\n@pytest.mark.skip\n"""\n# @pytest.mark.skip\n@skip\ndef f(): pass\n`, []],
    [
      'Rust',
      'rs',
      `#[test]\n#[ignore = "slow"]\nfn a() {}\n// #[ignore]\n#[cfg_attr(windows, ignore)]\nfn b() {}\n`,
      [2],
    ],
    [
      'Go',
      'go',
      `package x\nfunc TestA(t *testing.T) {\n\tt.Skip("x")\n}\nfunc TestB(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip("y")\n\t}\n}\n`,
      [3],
    ],
  ]);

  it('counts those on a condition', async () => {
    const outcome = await outcomeOf('TST_SKIPPED', { 'a.test.js': `it.skipIf(x)('a', f);\nit.runIf(y)('b', f);` });
    assert.match(outcome.message, /2 are skipped on a condition/);
  });

  it('finds Rust tests beside the code', async () => {
    const outcome = await outcomeOf('TST_SKIPPED', {
      'src/lib.rs': '#[cfg(test)]\nmod t {\n#[test]\n#[ignore]\nfn a() {}\n}',
    });
    assert.deepEqual(placesIn(outcome), ['src/lib.rs:4']);
  });

  it('skips where there is no test', async () => {
    assert.equal((await outcomeOf('TST_SKIPPED', { 'src/a.ts': 'xit(1);' })).skipReason, 'not_applicable');
  });
});
