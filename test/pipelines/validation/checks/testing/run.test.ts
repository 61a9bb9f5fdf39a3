/** Runs real test runners on planted tests that pass, fail, do not load or lack a dependency. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PlantedRepository } from '../../planted-repository.ts';
import { type Files, locationsIn, outcomeOf } from './outcome.ts';

const modules = resolve(import.meta.dirname, '../../../../../node_modules');

/** Installs packages of this repository in a planted one. */
const install =
  (...names: string[]) =>
  ({ root }: PlantedRepository): void => {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
    for (const name of names) {
      symlinkSync(join(modules, name), join(root, 'node_modules', name));
      symlinkSync(join(modules, '.bin', name), join(root, 'node_modules/.bin', name));
    }
  };

const has = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

interface Case {
  readonly files: Files;
  readonly prepare?: (planted: PlantedRepository) => void;
  readonly status: 'pass' | 'fail' | 'skip';
  readonly message: RegExp;
  readonly locations?: readonly string[];
}

function each(id: string, table: Readonly<Record<string, Case>>, needs?: () => boolean): void {
  for (const [condition, { files, prepare, status, message, locations }] of Object.entries(table)) {
    it(`results in ${status} if ${condition}`, async function () {
      if (needs && !needs()) this.skip();
      const outcome = await outcomeOf(id, files, prepare ? { git: true, prepare } : { git: true });
      assert.match(outcome.message, message, outcome.evidence?.[0]?.content);
      assert.equal(outcome.status, status);
      if (locations) assert.deepEqual(locationsIn(outcome), locations);
      if (status === 'fail') assert.ok(outcome.remediation?.[0]?.command);
    });
  }
}

const mocha = (args = ''): string =>
  JSON.stringify({ name: 'x', scripts: { test: `mocha ${args}` }, devDependencies: { mocha: '1' } });
const good = `const assert = require('node:assert');\nit('a', () => assert.ok(1));\nit('b', () => assert.ok(1));\n`;
const nodeTest = `import { it } from 'node:test';\nimport assert from 'node:assert';\nit('a', () => assert.ok(`;

const crate = {
  '.gitignore': 'target\n',
  'Cargo.toml': '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n',
};
const rustTest = { 'src/lib.rs': '#[test]\nfn a() { assert!(true); }\n' };
const build = ({ root }: PlantedRepository): void => {
  spawnSync('cargo', ['test', '--no-run', '--offline'], { cwd: root });
  mkdirSync(join(root, 'target/debug/deps'), { recursive: true });
};

describe('TST_COLLECT', () => {
  each('TST_COLLECT', {
    'mocha loads the tests': {
      files: { 'package.json': mocha(), 'test/a.test.js': good },
      prepare: install('mocha'),
      status: 'pass',
      message: /^mocha loaded 2 tests\.$/,
    },
    'mocha needs the arguments of its script': {
      files: { 'package.json': mocha('"spec/**/*.js"'), 'spec/a.js': good },
      prepare: install('mocha'),
      status: 'pass',
      message: /^mocha loaded 2 tests/,
    },
    'mocha cannot load a file': {
      files: {
        'package.json': mocha(),
        'test/a.test.js': good,
        'test/b.test.js': `\nnoSuchThing();\nit('c', () => {});`,
      },
      prepare: install('mocha'),
      status: 'fail',
      message: /^mocha could not load the tests \(exit code \d+\)\.$/,
      locations: ['test/b.test.js:2'],
    },
    'mocha finds no tests': {
      files: { 'package.json': mocha('other/**/*.js'), 'test/a.test.js': good },
      prepare: install('mocha'),
      status: 'fail',
      message: /^mocha /,
    },
    'a package that the tests import is not installed': {
      files: { 'package.json': mocha(), 'test/a.test.js': `require('no-such-package');\n${good}` },
      prepare: install('mocha'),
      status: 'skip',
      message: /^The package no-such-package is not installed/,
    },
    'mocha is not installed': {
      files: { 'package.json': mocha(), 'test/a.test.js': good },
      status: 'skip',
      message: /^mocha is not installed/,
    },
    'the installed vitest takes the command for a name of a file': {
      files: {
        'package.json': '{"name":"x","scripts":{"test":"vitest"}}',
        'test/a.test.js': good,
        '.gitignore': 'node_modules\n',
        'node_modules/vitest/package.json': '{"version":"1.6.0"}',
        'node_modules/.bin/vitest': { run: '#!/bin/sh\necho "No test files found"\nexit 1\n' },
      },
      status: 'skip',
      message: /^vitest 1\.6\.0 cannot list tests without running them/,
    },
    'a newer vitest lists no tests': {
      files: {
        'package.json': '{"name":"x","scripts":{"test":"vitest"}}',
        'test/a.test.js': good,
        '.gitignore': 'node_modules\n',
        'node_modules/vitest/package.json': '{"version":"2.1.0"}',
        'node_modules/.bin/vitest': { run: '#!/bin/sh\necho "No test files found"\nexit 1\n' },
      },
      status: 'fail',
      message: /^vitest could not load the tests/,
    },
    'node:test is the runner': {
      files: { 'a.test.mjs': `${nodeTest}1));` },
      status: 'skip',
      message: /^node:test cannot list tests/,
    },
    'there are no tests': { files: { 'a.js': '' }, status: 'skip', message: /^No tests with a known test runner/ },
  });

  each(
    'TST_COLLECT',
    {
      'pytest loads the tests': {
        files: { 'tests/test_a.py': 'import pytest\ndef test_a(): assert 1\ndef test_b(): assert 1\n' },
        status: 'pass',
        message: /^pytest loaded 2 tests\.$/,
      },
      'pytest cannot load a file': {
        files: {
          'pytest.ini': '[pytest]\n',
          'test_a.py': 'def test_a(): assert 1\n',
          'test_b.py': 'x = 1\nnope()\ndef test_b(): pass\n',
        },
        status: 'fail',
        message: /^pytest could not load the tests \(exit code 2\)\.$/,
        locations: ['test_b.py:2'],
      },
      'a module of the workspace is missing': {
        files: {
          'pytest.ini': '[pytest]\n',
          'own/__init__.py': '',
          'test_a.py': 'import own.gone\ndef test_a(): pass\n',
        },
        status: 'fail',
        message: /^pytest could not load/,
        locations: ['test_a.py:1'],
      },
      'Python would import another copy of the package': {
        files: {
          'pyproject.toml': '[project]\nname = "pluggy"\n[tool.pytest.ini_options]\n',
          'src/pluggy/__init__.py': '',
          'tests/test_a.py': 'import pluggy\ndef test_a(): assert 1\n',
        },
        status: 'skip',
        message: /^Python imports another copy of pluggy than the one in src\/\. Install the workspace/,
      },
      'pytest is configured with the folder of the package': {
        files: {
          'pyproject.toml': '[project]\nname = "pluggy"\n[tool.pytest.ini_options]\npythonpath = ["src"]\n',
          'src/own_one/__init__.py': '',
          'tests/test_a.py': 'import own_one\ndef test_a(): assert 1\n',
        },
        status: 'pass',
        message: /^pytest loaded 1 test\.$/,
      },
      'a Python package is not installed': {
        files: { 'pytest.ini': '[pytest]\n', 'test_a.py': 'import no_such_package\ndef test_a(): pass\n' },
        status: 'skip',
        message: /^Python cannot import no_such_package\. Install/,
      },
    },
    () => has('python3', '-m', 'pytest', '--version'),
  );

  each(
    'TST_COLLECT',
    {
      'unittest loads the tests': {
        files: {
          'tests/__init__.py': '',
          'tests/test_a.py':
            'import unittest\nfrom own import x\nclass A(unittest.TestCase):\n    def test_a(self): self.assertTrue(x)\n',
          'own.py': 'x = 1\n',
          'tests/deep/test_b.py': 'import unittest\nclass B(unittest.TestCase):\n    def test_b(self): pass\n',
        },
        status: 'pass',
        message: /^unittest loaded 2 tests\.$/,
      },
      'unittest cannot load a file': {
        files: { 'test_a.py': 'import unittest\nnope()\nclass A(unittest.TestCase):\n    def test_a(self): pass\n' },
        status: 'fail',
        message: /^unittest could not load/,
        locations: ['test_a.py:2'],
      },
    },
    () => has('python3', '--version'),
  );

  each('TST_COLLECT', {
    'a crate has never been built': {
      files: { 'Cargo.toml': '[package]\nname = "x"\nversion = "0.1.0"\n', 'src/lib.rs': '#[test]\nfn a() {}\n' },
      status: 'skip',
      message: /have not been built yet/,
    },
  });
  each(
    'TST_COLLECT',
    {
      'cargo has built the crate before': {
        files: { ...crate, ...rustTest },
        prepare: build,
        status: 'pass',
        message: /^cargo test loaded 1 test program\.$/,
      },
      'cargo cannot compile the tests': {
        files: { ...crate, 'src/lib.rs': '#[test]\nfn a() { nope(); }\n' },
        prepare: build,
        status: 'fail',
        message: /^cargo test could not load/,
        locations: ['src/lib.rs:2'],
      },
      'crates are not downloaded': {
        files: { ...crate, 'Cargo.toml': `${crate['Cargo.toml']}[dependencies]\nno-such-crate = "1"\n`, ...rustTest },
        prepare: build,
        status: 'skip',
        message: /^Some required crates are not downloaded/,
      },
    },
    () => has('cargo', '--version'),
  );

  const module = { 'go.mod': 'module example.org/x\n\ngo 1.18\n' };
  each(
    'TST_COLLECT',
    {
      'go loads the tests': {
        files: { ...module, 'a_test.go': 'package x\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n' },
        status: 'pass',
        message: /^go test loaded 1 test\.$/,
      },
      'go cannot compile the tests': {
        files: { ...module, 'a_test.go': 'package x\n\nimport "testing"\n\nfunc TestA(t *testing.T) { nope() }\n' },
        status: 'fail',
        message: /^go test could not load/,
        locations: ['a_test.go:5'],
      },
      'modules are not downloaded': {
        files: {
          'go.mod': `${module['go.mod']}\nrequire example.org/gone v1.0.0\n`,
          'go.sum': 'example.org/gone v1.0.0 h1:x\nexample.org/gone v1.0.0/go.mod h1:x\n',
          'a_test.go':
            'package x\n\nimport (\n\t"testing"\n\n\t_ "example.org/gone"\n)\n\nfunc TestA(t *testing.T) {}\n',
        },
        status: 'skip',
        message: /^Some required modules are not downloaded/,
      },
    },
    () => has('go', 'version'),
  );
});

describe('TST_COLLECT in an environment that is not the one of the tests', () => {
  const project = {
    'pyproject.toml': '[project]\nname = "x"\n[tool.pytest.ini_options]\n',
    'test_a.py': 'def test_a(): assert 1\n',
  };
  each(
    'TST_COLLECT',
    {
      'pytest lacks a plugin for an option': {
        files: { ...project, 'pytest.ini': '[pytest]\naddopts = --no-such-option-here\n' },
        status: 'skip',
        message: /^pytest does not know the option --no-such-option-here/,
      },
      'pytest lacks a plugin for a setting': {
        files: { ...project, 'pytest.ini': '[pytest]\nno_such_setting = 1\nfilterwarnings = error\n' },
        status: 'skip',
        message: /^pytest does not know the setting no_such_setting/,
      },
      'another version of a package is installed': {
        files: { ...project, 'test_b.py': 'from json import no_such_name\n' },
        status: 'skip',
        message: /^The installed json has no no_such_name/,
      },
      'the workspace must be installed, because it reads its own version': {
        files: {
          ...project,
          'test_b.py': 'from importlib.metadata import version\nversion("no-such-package-here")\n',
        },
        status: 'skip',
        message: /^The tests need the installed package no-such-package-here/,
      },
      'a name is missing in the workspace itself': {
        files: { ...project, 'b.py': '', 'test_b.py': 'from b import no_such_name\n' },
        status: 'fail',
        message: /^pytest could not load the tests/,
      },
    },
    () => has('python3', '-m', 'pytest', '--version'),
  );

  each('TST_CONFIG', {
    'Django runs the tests': {
      files: {
        'requirements.txt': 'django\n',
        'manage.py': 'from django.core.management import execute_from_command_line\n',
        'shop/tests.py': 'from django.test import TestCase\n\n\nclass A(TestCase):\n    def test_a(self): assert 1\n',
      },
      status: 'pass',
      message: /Django \(manage\.py\)/,
    },
    'Deno runs the tests': {
      files: { 'deno.jsonc': '{"tasks":{"test":"deno test -A"}}', 'src/a.test.ts': "Deno.test('a', () => {});\n" },
      status: 'pass',
      message: /deno test \(deno\.jsonc\)/,
    },
    'applications without a workspace have the tests': {
      files: {
        'package.json': '{"name":"x","scripts":{"prepare":"cd apps/a && npm ci"}}',
        'apps/a/package.json': '{"name":"a","scripts":{"test":"vitest"}}',
        'apps/a/package-lock.json': '{"lockfileVersion":3,"packages":{"":{"name":"a"}}}',
        'apps/a/src/a.test.ts': "it('a', () => {});\n",
      },
      status: 'pass',
      message: /vitest \(script "test" in apps\/a\/package\.json\)/,
    },
    'a crate in a repository of another language has the tests': {
      files: {
        'bindings/python/Cargo.toml': crate['Cargo.toml'],
        'bindings/python/src/a.rs': '#[test]\nfn a() { assert!(true); }\n',
        'examples/x/package.json': '{}',
      },
      status: 'pass',
      message: /cargo test \(bindings\/python\/Cargo\.toml\)/,
    },
  });
});

describe('TST_RUN', () => {
  const script = (test: string): string => JSON.stringify({ name: 'x', scripts: { test } });
  /** A suite that fails if its environment is not the one of this process, which stands for the developer's shell. */
  const inSameShell = (names: readonly string[]): string => {
    const expected = JSON.stringify(names.map((name) => process.env[name] ?? null));
    return `process.exitCode = JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)) === ${JSON.stringify(expected)} ? 0 : 1;`;
  };

  each('TST_RUN', {
    'a suite needs the environment of the developer': {
      files: {
        'package.json': '{"name":"x","scripts":{"test":"node suite.js"}}',
        'suite.js': inSameShell(['NO_COLOR', 'FORCE_COLOR', 'CI', 'TERM', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL']),
        'a.test.mjs': `${nodeTest}1));`,
      },
      status: 'pass',
      message: /all tests pass/,
    },
    'a suite only fails with the variables that keep its runner from writing snapshots': {
      files: {
        'package.json': '{"name":"x","scripts":{"test":"jest"}}',
        'node_modules/.bin/jest': { run: `#!${process.execPath}\n${inSameShell(['CI'])}` },
        'a.test.js': "it('a', () => expect(1).toBe(1));",
      },
      status: 'pass',
      message: /^jest: all tests pass/,
    },
  });

  each('TST_RUN', {
    'mocha passes': {
      files: { 'package.json': mocha(), 'test/a.test.js': good },
      prepare: install('mocha'),
      status: 'pass',
      message: /^mocha: all tests pass \(2 passing\)\.$/,
    },
    'mocha fails': {
      files: { 'package.json': mocha(), 'test/a.test.js': `${good}it('c', () => assert.equal(1, 2));\n` },
      prepare: install('mocha'),
      status: 'fail',
      message: /^mocha: tests fail \(exit code 1; 2 passing, 1 failing\)\.$/,
      locations: ['test/a.test.js:4'],
    },
    'the dependencies are not installed': {
      files: { 'package.json': mocha(), 'test/a.test.js': good },
      status: 'skip',
      message: /not installed/,
    },
    'a custom script runs the tests': {
      files: { 'package.json': script('node run.js'), 'run.js': '', 'test/a.test.js': good },
      status: 'pass',
      message: /^npm test: all tests pass\.$/,
    },
    'the script starts a missing program': {
      files: { 'package.json': script('no-such-program'), 'test/a.test.js': good },
      status: 'skip',
      message: /not installed/,
    },
    'node:test passes': {
      files: { 'package.json': script('node --test'), 'a.test.mjs': `${nodeTest}1));` },
      status: 'pass',
      message: /^node:test: all tests pass \(pass 1, fail 0, skipped 0\)/,
    },
    'node:test fails': {
      files: { 'package.json': script('node --test'), 'a.test.mjs': `${nodeTest}0));` },
      status: 'fail',
      message: /^node:test: tests fail \(exit code 1; pass 0, fail 1/,
    },
    'no tests exist': { files: { 'a.js': '' }, status: 'skip', message: /^No tests/ },
    'an outer project runs the tests of an inner one': {
      files: {
        'package.json': script('node run.js'),
        'run.js': '',
        'test/a.test.js': good,
        'sub/package.json': script('false'),
        'sub/a.test.js': good,
      },
      status: 'pass',
      message: /^npm test: all tests pass\.$/,
    },
  });
  each(
    'TST_RUN',
    {
      'pytest fails': {
        files: { 'pytest.ini': '[pytest]\n', 'test_a.py': 'def test_a():\n    assert 0\ndef test_b(): pass\n' },
        status: 'fail',
        message: /^pytest: tests fail \(exit code 1; 1 failed, 1 passed\)\.$/,
        locations: ['test_a.py:2'],
      },
    },
    () => has('python3', '-m', 'pytest', '--version'),
  );
  each(
    'TST_RUN',
    {
      'unittest passes': {
        files: {
          'test_a.py': 'import unittest\nclass A(unittest.TestCase):\n    def test_a(self): self.assertTrue(1)\n',
        },
        status: 'pass',
        message: /^unittest: all tests pass \(Ran 1 test\)\.$/,
      },
      'unittest fails': {
        files: {
          'test_a.py':
            'import unittest\nclass A(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(0)\n',
        },
        status: 'fail',
        message: /^unittest: tests fail/,
        locations: ['test_a.py:4'],
      },
      'the tests of one of two languages fail': {
        files: {
          'package.json': script('node run.js'),
          'run.js': '',
          'test/a.test.js': good,
          'test_a.py': 'import unittest\nclass A(unittest.TestCase):\n    def test_a(self): self.fail()\n',
        },
        status: 'fail',
        message: /^npm test: all tests pass\. unittest: tests fail/,
      },
    },
    () => has('python3', '--version'),
  );
  each(
    'TST_RUN',
    {
      'cargo fails': {
        files: { ...crate, 'src/lib.rs': '#[test]\nfn a() {\n    assert!(false);\n}\n' },
        prepare: build,
        status: 'fail',
        message: /^cargo test: tests fail \(exit code 101; .*0 passed; 1 failed/,
        locations: ['src/lib.rs:3'],
      },
    },
    () => has('cargo', '--version'),
  );
  each(
    'TST_RUN',
    {
      'go fails': {
        files: {
          'go.mod': 'module example.org/x\n\ngo 1.18\n',
          'a_test.go': 'package x\n\nimport "testing"\n\nfunc TestA(t *testing.T) { t.Fatal("x") }\n',
        },
        status: 'fail',
        message: /^go test: tests fail/,
        locations: ['a_test.go:5'],
      },
    },
    () => has('go', 'version'),
  );
});
