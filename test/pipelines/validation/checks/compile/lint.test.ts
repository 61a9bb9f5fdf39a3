/** Tests the lint and format checks with the real tools. */
import { testCheck } from '../check-cases.ts';
import { findCheck, goProject, nodeProject, pythonProject, rustProject, testCheckWith } from './fake-tools.ts';

const rules = "export default [{ rules: { 'no-var': 'error', 'no-undef': 'warn' } }];\n";

testCheck(findCheck('BLD_LINT'), [
  {
    title: 'skips if no linter is configured',
    files: { 'package.json': '{"name":"a"}', 'a.js': '' },
    expected: 'not_applicable',
  },
  {
    title: 'skips if the linter is not installed',
    files: { 'package.json': '{"name":"a"}', 'eslint.config.mjs': rules, 'a.js': '' },
    expected: 'tool_missing',
    message: /eslint is configured in the workspace but not installed/,
  },
  {
    title: 'skips if the linter does not start',
    files: { ...nodeProject, 'eslint.config.mjs': "import 'none';\n", 'a.js': '' },
    expected: 'tool_missing',
    message: /eslint failed with exit code/,
  },
  {
    title: 'passes if ESLint reports only warnings',
    files: { ...nodeProject, 'eslint.config.mjs': rules, 'a.js': 'b();\n' },
    expected: 'pass',
    message: /^No lint errors \(eslint\)\.$/,
  },
  {
    title: 'reports errors of ESLint',
    files: { ...nodeProject, 'eslint.config.mjs': rules, 'src/a.js': 'b();\nvar c;\n', 'd.mjs': '\nvar e;\n' },
    expected: ['d.mjs:2', 'src/a.js:2'],
    message: /no-var/,
  },
  {
    title: "checks the paths of the project's own script",
    files: {
      ...nodeProject,
      'package.json': '{"name":"a","scripts":{"lint":"eslint --cache --max-warnings 0 \'src\' && echo done"}}',
      'eslint.config.mjs': rules,
      'src/a.js': 'var c;\n',
      'old/d.js': 'var e;\n',
    },
    expected: ['src/a.js:1'],
  },
  {
    title: 'skips if the installed linter is not the one that package.json requires',
    files: {
      'package.json': '{"name":"a","devDependencies":{"@biomejs/biome":"1.0.0"}}',
      'node_modules/@biomejs/biome/package.json': '{"version":"2.1.0"}',
      'node_modules/.bin/biome': { run: '#!/bin/sh\nexit 1\n' },
      '.gitignore': 'node_modules\n',
      'biome.json': '{}',
      'a.js': '',
    },
    expected: 'tool_missing',
    message: /@biomejs\/biome 2\.1\.0 is installed, but package\.json requires 1\.0\.0/,
  },
  {
    title: 'reports errors of Biome',
    files: {
      ...nodeProject,
      'biome.json': '{"linter":{"rules":{"suspicious":{"noDebugger":"error"}}}}',
      'src/a.js': '\ndebugger;\n',
    },
    expected: ['src/a.js:2'],
    message: /noDebugger/,
  },
  {
    title: 'passes if Biome passes',
    files: { ...nodeProject, 'biome.json': '{}', 'src/a.js': 'export const a = 1;\n' },
    expected: 'pass',
  },
]);

testCheckWith('go', 'BLD_LINT', [
  {
    title: 'reports errors of go vet',
    files: { ...goProject, 'a.go': 'package a\n\nimport "fmt"\n\nfunc f() { fmt.Printf("%d", "") }\n' },
    expected: ['a.go:5'],
    message: /Printf format %d/,
  },
]);

testCheckWith('cargo', 'BLD_LINT', [
  {
    title: 'skips clippy if the project does not use it',
    files: { ...rustProject, 'src/lib.rs': 'pub fn f(x: &Vec<u8>) -> bool {\n    x.len() == 0\n}\n' },
    expected: 'not_applicable',
  },
  {
    title: 'reports errors of clippy',
    files: {
      ...rustProject,
      '.github/workflows/ci.yml': 'jobs: {a: {steps: [{run: cargo clippy}]}}\n',
      'src/lib.rs': 'pub fn f(x: &Vec<u8>) -> bool {\n    x.len() == 0\n}\n',
    },
    expected: ['src/lib.rs:1', 'src/lib.rs:2'],
  },
]);

testCheck(findCheck('BLD_FORMAT'), [
  {
    title: 'skips if no formatter is configured',
    files: { 'package.json': '{"name":"a"}', 'a.js': '' },
    expected: 'not_applicable',
  },
  {
    title: 'skips if the formatter is not installed',
    files: { 'package.json': '{"name":"a"}', '.prettierrc': '{}', 'a.js': '' },
    expected: 'tool_missing',
  },
  {
    title: 'passes files formatted by Prettier',
    files: { ...nodeProject, 'package.json': '{\n  "name": "a"\n}\n', '.prettierrc': '{}\n', 'a.js': 'let a = 1;\n' },
    expected: 'pass',
    message: /^All files are formatted \(prettier\)/,
  },
  {
    title: 'reports files that Prettier would change',
    files: {
      ...nodeProject,
      'package.json': '{\n  "name": "a"\n}\n',
      '.prettierrc': '{}\n',
      'a.js': 'let a  = 1\n',
      'b/c.css': 'a{}',
    },
    expected: ['a.js', 'b/c.css'],
    message: /^2 files are not formatted \(prettier\)/,
  },
  {
    title: 'reports files that Biome would change',
    files: {
      ...nodeProject,
      'package.json': '{\n  "name": "a"\n}\n',
      'biome.json': '{ "formatter": { "indentStyle": "space" } }\n',
      'a.js': 'let a  = 1\n',
    },
    expected: ['a.js'],
  },
]);

testCheckWith('black', 'BLD_FORMAT', [
  {
    title: 'reports files that Black would change',
    files: {
      ...pythonProject('x = ( 1 )\n'),
      'pyproject.toml': '[project]\nname = "a"\n[tool.black]\n',
      'requirements.txt': 'black>=20\n',
      'b.py': 'y = 1\n',
    },
    expected: ['a.py'],
  },
]);

testCheckWith('go', 'BLD_FORMAT', [
  {
    title: 'skips if gofmt is older than the module requires',
    files: { 'go.mod': 'module a\n\ngo 9.1\n', 'a.go': 'package a\nfunc f( ) {}\n' },
    expected: 'tool_missing',
    message: /older than go\.mod requires/,
  },
  {
    title: 'reports files that gofmt would change',
    files: {
      ...goProject,
      'a.go': 'package a\n',
      'p/b.go': 'package p\nfunc f( ) {}\n',
      'vendor/c.go': 'package c\nfunc f( ) {}\n',
    },
    expected: ['p/b.go'],
  },
]);

testCheckWith('cargo', 'BLD_FORMAT', [
  {
    title: 'reports files that rustfmt would change',
    files: {
      ...rustProject,
      Makefile: 'fmt:\n\tcargo fmt\n',
      'src/lib.rs': 'mod b;\n',
      'src/b.rs': 'pub fn f( ) {}\n',
    },
    expected: ['src/b.rs'],
  },
  {
    title: 'passes files formatted by rustfmt',
    files: { ...rustProject, 'rustfmt.toml': '', 'src/lib.rs': 'pub fn f() {}\n' },
    expected: 'pass',
  },
]);
