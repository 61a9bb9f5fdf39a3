/** Presence, configuration, changes and results of tests in each language. */
import { strict as assert } from 'node:assert';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { parseScriptCommand } from '../../../../../src/pipelines/validation/checks/testing/runners/node-runners.ts';
import { type Files, locationsIn, outcomeOf } from './outcome.ts';

type Row = readonly [what: string, files: Files, status: 'pass' | 'fail' | 'skip', message: RegExp];

function each(id: string, rows: readonly Row[]): void {
  for (const [what, files, status, message] of rows) {
    it(`results in ${status} for ${what}`, async () => {
      const outcome = await outcomeOf(id, files);
      assert.match(outcome.message, message);
      assert.equal(outcome.status, status);
      if (status === 'skip') assert.equal(outcome.skipReason, 'not_applicable');
      if (status === 'fail') assert.ok(outcome.remediation?.[0]);
    });
  }
}

const test = { 'test/a.test.ts': `it('a', () => {});` };
const scripts = (test: string): string => JSON.stringify({ name: 'x', scripts: { test } });

describe('TST_PRESENT', () => {
  each('TST_PRESENT', [
    ['TypeScript', { ...test, 'src/a.ts': '' }, 'pass', /^1 test file for 1 source file\./],
    [
      'Rust tests in source files',
      { 'src/lib.rs': '#[cfg(test)]\nmod t { #[test] fn a() {} }' },
      'pass',
      /^1 test file/,
    ],
    ['Python', { 'test_a.py': 'def test_a(): pass', 'a.py': '' }, 'pass', /^1 test file/],
    ['Go', { 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}', 'a.go': '' }, 'pass', /^1 test file/],
    [
      'source files without tests',
      { 'src/a.ts': '', 'b.py': '', 'eslint.config.js': '' },
      'fail',
      /^No tests found for 2 source files\./,
    ],
    [
      'test helpers without tests',
      { 'test/run.ts': 'export const x = 1;', 'src/a.ts': '' },
      'fail',
      /^No tests found for 1 source file\./,
    ],
    [
      'a source file called test.js',
      {
        'a.js': '',
        'lib/test.js': `/**\n * it('a', f)\n */\nmodule.exports = Test;\nfunction Test(title) { this.pattern = /a/.test(title); }`,
      },
      'fail',
      /^No tests/,
    ],
    [
      'tests in a language that is not read',
      { 'src/a.py': '', 'tests/parse_test.cpp': 'int main() {}' },
      'skip',
      /another language, such as tests\/parse_test\.cpp\.$/,
    ],
    ['tests of infrastructure', { 'a.py': '', 'modules/net/net.tftest.hcl': 'run "a" {}' }, 'skip', /another language/],
    ['data in a folder of tests', { 'a.py': '', 'tests/data.json': '{}' }, 'fail', /^No tests/],
    ['tests in fixtures only', { 'test/fixtures/a.test.ts': `it('x')`, 'src/a.ts': '' }, 'fail', /^No tests/],
    ['a workspace without source files', { 'README.md': '# x' }, 'skip', /^No source files/],
    ['an empty workspace', {}, 'skip', /^No source files/],
  ]);
});

describe('TST_CONFIG', () => {
  each('TST_CONFIG', [
    [
      'mocha in the test script',
      { ...test, 'package.json': scripts('c8 mocha -r x') },
      'pass',
      /mocha \(script "test" in package.json\)/,
    ],
    [
      'a test script that takes precedence over a dependency',
      { ...test, 'package.json': '{"scripts":{"test":"mocha"},"devDependencies":{"vitest":"1"}}' },
      'pass',
      /with mocha \(script/,
    ],
    [
      'a configuration file of vitest',
      { ...test, 'package.json': '{"name":"x"}', 'vitest.config.mts': '' },
      'pass',
      /vitest \(vitest.config.mts\)/,
    ],
    ['a configuration key of jest', { ...test, 'package.json': '{"jest":{}}' }, 'pass', /jest \(package.json\)/],
    [
      'ava as a dependency',
      { ...test, 'package.json': '{"devDependencies":{"ava":"6"}}' },
      'pass',
      /ava \(package.json\)/,
    ],
    [
      'node:test in the test script',
      { ...test, 'package.json': scripts('node --import tsx --test') },
      'pass',
      /node:test \(script/,
    ],
    [
      'an import of node:test',
      { 'a.test.mjs': `import { it } from 'node:test';\nit('a');` },
      'pass',
      /node:test \(a.test.mjs\)/,
    ],
    ['a custom script', { ...test, 'package.json': scripts('node run.js') }, 'pass', /npm test \(script/],
    [
      'pytest in pyproject.toml',
      { 'test_a.py': 'def test_a(): pass', 'pyproject.toml': '[tool.pytest.ini_options]\n' },
      'pass',
      /pytest \(pyproject.toml\)/,
    ],
    ['an import of pytest', { 'test_a.py': 'import pytest\ndef test_a(): pass' }, 'pass', /pytest \(test_a.py\)/],
    [
      'an import of unittest',
      { 'test_a.py': 'import unittest\nclass A(unittest.TestCase): pass' },
      'pass',
      /unittest \(test_a.py\)/,
    ],
    [
      'a crate',
      { 'Cargo.toml': '[package]\nname = "x"', 'src/lib.rs': '#[test]\nfn a() {}' },
      'pass',
      /cargo test \(Cargo.toml\)/,
    ],
    [
      'a Go module',
      { 'go.mod': 'module x', 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}' },
      'pass',
      /go test \(go.mod\)/,
    ],
    [
      'a workspace member with the runner of the root',
      {
        'package.json': '{"workspaces":["a"],"scripts":{"test":"vitest"}}',
        'a/package.json': '{"name":"a"}',
        'a/a.test.ts': `it('a', f)`,
      },
      'pass',
      /^Tests run with vitest \(script "test" in package.json\)/,
    ],
    [
      'the placeholder script of npm',
      { ...test, 'package.json': scripts('echo "Error: no test specified" && exit 1') },
      'fail',
      /^No known test runner for 1 test file\./,
    ],
    [
      'a Python file of a folder for tests that only has to do with reports of tests',
      {
        ...test,
        'tests/convert.py': 'from junit_xml import TestCase\n\ndef run(): return TestCase("a")\n',
        'tests/report.py': 'class TestReport:\n    def add(self): pass\n',
      },
      'fail',
      /^No known test runner for 1 test file\./,
    ],
    [
      'Go without a module',
      { 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}' },
      'fail',
      /^No known test runner for 1 test file\./,
    ],
    ['a runner without tests', { 'package.json': scripts('mocha') }, 'skip', /^No tests/],
  ]);

  it('reports the manifest of a project without a runner', async () => {
    assert.deepEqual(locationsIn(await outcomeOf('TST_CONFIG', { ...test, 'package.json': '{"name":"x"}' })), [
      'package.json',
    ]);
  });

  it('parses the arguments and variables for a program in a script', () => {
    const rows: [string, string[], Record<string, string>][] = [
      ['mocha', [], {}],
      [
        'npm run build && NODE_ENV=test c8 mocha --require "a b" test/ && x',
        ['--require', 'a b', 'test/'],
        { NODE_ENV: 'test' },
      ],
      ['node_modules/.bin/mocha -R spec; mocha-other', ['-R', 'spec'], {}],
      ['run-mocha', [], {}],
    ];
    for (const [script, args, env] of rows)
      assert.deepEqual(parseScriptCommand(script, 'mocha'), { args, env }, script);
  });
});

describe('TST_CHANGED_WITHOUT_TEST', () => {
  const files: Files = { 'a.ts': '1', 'b.rs': '', 'README.md': 'x', 'moved.ts': 'export const moved = 1;\n', ...test };
  const since =
    (change: Files, message: RegExp, expected: string[] | 'skip' | 'pass', base: string | undefined = 'base') =>
    async () => {
      const outcome = await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {
        git: true,
        ...(base ? { base } : {}),
        prepare: ({ git, put }) => {
          git('tag', 'base');
          git('mv', 'moved.ts', 'now.ts');
          for (const [file, content] of Object.entries(change)) put(file, content);
          git('add', '--all');
          git('commit', '--quiet', '--message', 'change');
        },
      });
      assert.match(outcome.message, message);
      assert.equal(outcome.status, typeof expected === 'string' ? expected : 'fail');
      if (typeof expected !== 'string') assert.deepEqual(locationsIn(outcome), expected);
    };

  it(
    'reports changed source files',
    since(
      { 'a.ts': '2', 'c/d.py': 'x', 'README.md': 'y' },
      /^2 source files changed since [0-9a-f]{10}, but no test file/,
      ['a.ts', 'c/d.py'],
    ),
  );
  it(
    'passes if a test changed too',
    since({ 'a.ts': '2', 'test/a.test.ts': 'it("b")' }, /^1 source file and 1 test file changed/, 'pass'),
  );
  it(
    'recognizes a test in a Rust source file',
    since({ 'b.rs': '#[test]\nfn a() {}' }, /^0 source files and 1 test file/, 'pass'),
  );
  it('is skipped if no source file changed', since({ 'README.md': 'y' }, /^No source files changed/, 'skip'));
  it('is skipped without a base', since({ 'a.ts': '2' }, /^No base/, 'skip', ''));
  it('includes uncommitted and untracked files', async () => {
    const outcome = await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {
      git: true,
      base: 'HEAD',
      untracked: { 'new.go': 'package a', 'a.ts': '3' },
    });
    assert.deepEqual(locationsIn(outcome), ['a.ts', 'new.go']);
  });
  it('compares with the main branch of the remote by default', async () => {
    const outcome = await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {
      git: true,
      prepare: ({ git, put }) => {
        git('update-ref', 'refs/remotes/origin/main', 'HEAD');
        put('a.ts', '4');
      },
    });
    assert.deepEqual(locationsIn(outcome), ['a.ts']);
  });
  it('is skipped without Git', async () => {
    assert.equal((await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {})).skipReason, 'no_git');
  });
});

describe('TST_RESULTS_FRESH', () => {
  const green = '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>';
  const red = '<testsuite><testcase name="a"><failure>x</failure></testcase><testcase><error/></testcase></testsuite>';
  const lcov = { 'coverage/lcov.info': 'TN:\n' };
  const rows: [string, Files, boolean, 'pass' | 'fail' | 'skip', RegExp, string[]][] = [
    [
      'new green results',
      { 'junit.xml': green, ...lcov, 'a.ts': '' },
      false,
      'pass',
      /^2 test or coverage results, all newer/,
      [],
    ],
    ['outdated results', { ...lcov, 'a.ts': '' }, true, 'fail', /1 is older than a.ts/, ['coverage/lcov.info']],
    [
      'failed results',
      { 'reports/junit.xml': red, 'a.ts': '' },
      false,
      'fail',
      /1 contains failed tests/,
      ['reports/junit.xml'],
    ],
    [
      'results of nextest',
      { 'target/nextest/default/junit.xml': green, 'a.rs': '' },
      false,
      'pass',
      /^1 test or coverage result/,
      [],
    ],
    ['other XML files', { 'report.xml': '<rss/>', 'a.ts': '' }, false, 'skip', /^No test or coverage results/, []],
    ['a workspace without results', { 'a.ts': '' }, false, 'skip', /^No test or coverage results/, []],
    ['results without source files', lcov, false, 'skip', /^No source files/, []],
  ];
  for (const [what, files, old, status, message, locations] of rows) {
    it(`results in ${status} for ${what}`, async () => {
      const outcome = await outcomeOf(
        'TST_RESULTS_FRESH',
        { '.gitignore': 'coverage\ntarget', ...files },
        {
          git: true,
          prepare: ({ root }) => {
            // Fixed times, independent of the order of writing.
            for (const file of Object.keys(files)) {
              const isSource = /\.(?:ts|rs)$/.test(file);
              const seconds = 1_700_000_000 + (isSource === old ? 100 : 0);
              utimesSync(join(root, file), seconds, seconds);
            }
          },
        },
      );
      assert.match(outcome.message, message);
      assert.equal(outcome.status, status);
      assert.deepEqual(locationsIn(outcome), locations);
      if (status !== 'skip') assert.match(outcome.evidence?.[0]?.content ?? '', /^[0-9a-f]{64}$/);
    });
  }
});
