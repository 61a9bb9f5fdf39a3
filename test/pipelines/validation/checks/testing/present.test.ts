/** Whether there are tests, whether something runs them, and what changed without one; per language. */
import { strict as assert } from 'node:assert';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { wordsAfter } from '../../../../../src/pipelines/validation/checks/testing/runners/node-runners.ts';
import { type Files, outcomeOf, placesIn } from './outcome.ts';

type Row = readonly [what: string, files: Files, status: 'pass' | 'fail' | 'skip', message: RegExp];

function each(id: string, rows: readonly Row[]): void {
  for (const [what, files, status, message] of rows) {
    it(what, async () => {
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
    ['TypeScript', { ...test, 'src/a.ts': '' }, 'pass', /^1 file with tests beside 1 source file\./],
    ['Rust in the source', { 'src/lib.rs': '#[cfg(test)]\nmod t { #[test] fn a() {} }' }, 'pass', /^1 file/],
    ['Python', { 'test_a.py': 'def test_a(): pass', 'a.py': '' }, 'pass', /^1 file/],
    ['Go', { 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}', 'a.go': '' }, 'pass', /^1 file/],
    ['none', { 'src/a.ts': '', 'b.py': '', 'eslint.config.js': '' }, 'fail', /^No test was found for 2 source files\./],
    [
      'only what helps tests',
      { 'test/run.ts': 'export const x = 1;', 'src/a.ts': '' },
      'fail',
      /^No test .* 1 source file\./,
    ],
    [
      'a source that is called test',
      {
        'a.js': '',
        'lib/test.js': `/**\n * it('a', f)\n */\nmodule.exports = Test;\nfunction Test(title) { this.pattern = /a/.test(title); }`,
      },
      'fail',
      /^No test/,
    ],
    ['only fixtures', { 'test/fixtures/a.test.ts': `it('x')`, 'src/a.ts': '' }, 'fail', /^No test/],
    ['no source', { 'README.md': '# x' }, 'skip', /no source file/],
    ['nothing', {}, 'skip', /no source file/],
  ]);
});

describe('TST_CONFIG', () => {
  each('TST_CONFIG', [
    [
      'mocha by its script',
      { ...test, 'package.json': scripts('c8 mocha -r x') },
      'pass',
      /mocha \(script “test” of package.json\)/,
    ],
    [
      'the script before what is installed',
      { ...test, 'package.json': '{"scripts":{"test":"mocha"},"devDependencies":{"vitest":"1"}}' },
      'pass',
      /by mocha \(script/,
    ],
    [
      'vitest by its file',
      { ...test, 'package.json': '{"name":"x"}', 'vitest.config.mts': '' },
      'pass',
      /vitest \(vitest.config.mts\)/,
    ],
    ['jest by its key', { ...test, 'package.json': '{"jest":{}}' }, 'pass', /jest \(package.json\)/],
    [
      'ava by what is installed',
      { ...test, 'package.json': '{"devDependencies":{"ava":"6"}}' },
      'pass',
      /ava \(package.json\)/,
    ],
    [
      'node:test by its script',
      { ...test, 'package.json': scripts('node --import tsx --test') },
      'pass',
      /node:test \(script/,
    ],
    [
      'node:test by import',
      { 'a.test.mjs': `import { it } from 'node:test';\nit('a');` },
      'pass',
      /node:test \(a.test.mjs\)/,
    ],
    ['a script of its own', { ...test, 'package.json': scripts('node run.js') }, 'pass', /npm test \(script/],
    [
      'pytest by pyproject',
      { 'test_a.py': 'def test_a(): pass', 'pyproject.toml': '[tool.pytest.ini_options]\n' },
      'pass',
      /pytest \(pyproject.toml\)/,
    ],
    ['pytest by import', { 'test_a.py': 'import pytest\ndef test_a(): pass' }, 'pass', /pytest \(test_a.py\)/],
    [
      'unittest',
      { 'test_a.py': 'import unittest\nclass A(unittest.TestCase): pass' },
      'pass',
      /unittest \(test_a.py\)/,
    ],
    [
      'cargo',
      { 'Cargo.toml': '[package]\nname = "x"', 'src/lib.rs': '#[test]\nfn a() {}' },
      'pass',
      /cargo test \(Cargo.toml\)/,
    ],
    [
      'go',
      { 'go.mod': 'module x', 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}' },
      'pass',
      /go test \(go.mod\)/,
    ],
    [
      'a member by the project around it',
      {
        'package.json': '{"workspaces":["a"],"scripts":{"test":"vitest"}}',
        'a/package.json': '{"name":"a"}',
        'a/a.test.ts': `it('a', f)`,
      },
      'pass',
      /Tests are run by vitest \(script “test” of package.json\)/,
    ],
    [
      'the placeholder of npm',
      { ...test, 'package.json': scripts('echo "Error: no test specified" && exit 1') },
      'fail',
      /^1 file with tests, but/,
    ],
    ['Go without a module', { 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}' }, 'fail', /^1 file/],
    ['no test', { 'package.json': scripts('mocha') }, 'skip', /no test/],
  ]);

  it('names the manifest that says nothing', async () => {
    assert.deepEqual(placesIn(await outcomeOf('TST_CONFIG', { ...test, 'package.json': '{"name":"x"}' })), [
      'package.json',
    ]);
  });

  it('reads what a script hands to a program', () => {
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
    for (const [script, args, env] of rows) assert.deepEqual(wordsAfter(script, 'mocha'), { args, env }, script);
  });
});

describe('TST_CHANGED_WITHOUT_TEST', () => {
  const files: Files = { 'a.ts': '1', 'b.rs': '', 'README.md': 'x', 'moved.ts': 'export const moved = 1;\n', ...test };
  const since =
    (change: Files, message: RegExp, places: string[] | 'skip' | 'pass', base: string | undefined = 'base') =>
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
      assert.equal(outcome.status, typeof places === 'string' ? places : 'fail');
      if (typeof places !== 'string') assert.deepEqual(placesIn(outcome), places);
    };

  it(
    'tells of sources',
    since({ 'a.ts': '2', 'c/d.py': 'x', 'README.md': 'y' }, /^2 source files changed since [0-9a-f]{10}, and no test/, [
      'a.ts',
      'c/d.py',
    ]),
  );
  it(
    'is content with a test',
    since({ 'a.ts': '2', 'test/a.test.ts': 'it("b")' }, /^1 source file and 1 file of tests/, 'pass'),
  );
  it('takes a test inside a Rust file', since({ 'b.rs': '#[test]\nfn a() {}' }, /^0 source files and 1 file/, 'pass'));
  it('skips where no source changed', since({ 'README.md': 'y' }, /^No source file was changed/, 'skip'));
  it('skips without a base', since({ 'a.ts': '2' }, /no base/, 'skip', ''));
  it('sees what is not committed', async () => {
    const outcome = await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {
      git: true,
      base: 'HEAD',
      untracked: { 'new.go': 'package a', 'a.ts': '3' },
    });
    assert.deepEqual(placesIn(outcome), ['a.ts', 'new.go']);
  });
  it('counts from the main branch of the remote', async () => {
    const outcome = await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {
      git: true,
      prepare: ({ git, put }) => {
        git('update-ref', 'refs/remotes/origin/main', 'HEAD');
        put('a.ts', '4');
      },
    });
    assert.deepEqual(placesIn(outcome), ['a.ts']);
  });
  it('skips without git', async () => {
    assert.equal((await outcomeOf('TST_CHANGED_WITHOUT_TEST', files, {})).skipReason, 'no_git');
  });
});

describe('TST_RESULTS_FRESH', () => {
  const green = '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>';
  const red = '<testsuite><testcase name="a"><failure>x</failure></testcase><testcase><error/></testcase></testsuite>';
  const lcov = { 'coverage/lcov.info': 'TN:\n' };
  const rows: [string, Files, boolean, 'pass' | 'fail' | 'skip', RegExp, string[]][] = [
    ['green and new', { 'junit.xml': green, ...lcov, 'a.ts': '' }, false, 'pass', /^2 results .* newer/, []],
    ['old', { ...lcov, 'a.ts': '' }, true, 'fail', /1 is older than a.ts/, ['coverage/lcov.info']],
    [
      'red',
      { 'reports/junit.xml': red, 'a.ts': '' },
      false,
      'fail',
      /1 result tells of failing tests/,
      ['reports/junit.xml'],
    ],
    ['nextest', { 'target/nextest/default/junit.xml': green, 'a.rs': '' }, false, 'pass', /^1 result/, []],
    ['another XML', { 'report.xml': '<rss/>', 'a.ts': '' }, false, 'skip', /No results/, []],
    ['none', { 'a.ts': '' }, false, 'skip', /No results/, []],
    ['no source', lcov, false, 'skip', /no source/, []],
  ];
  for (const [what, files, old, status, message, places] of rows) {
    it(what, async () => {
      const outcome = await outcomeOf(
        'TST_RESULTS_FRESH',
        { '.gitignore': 'coverage\ntarget', ...files },
        {
          git: true,
          prepare: ({ root }) => {
            // Seconds apart, whichever was written first.
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
      assert.deepEqual(placesIn(outcome), places);
      if (status !== 'skip') assert.match(outcome.evidence?.[0]?.content ?? '', /^[0-9a-f]{64}$/);
    });
  }
});
