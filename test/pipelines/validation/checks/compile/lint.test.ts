/** What linters and formatters say, on planted repositories with real ones. */
import { casesOf } from '../check-cases.ts';
import { casesWith, checkOf, crate, goModule, node, snake } from './fake-tools.ts';

const rules = "export default [{ rules: { 'no-var': 'error', 'no-undef': 'warn' } }];\n";

casesOf(checkOf('BLD_LINT'), [
  {
    what: 'has nothing to say where no linter is set up',
    files: { 'package.json': '{"name":"a"}', 'a.js': '' },
    found: 'not_applicable',
  },
  {
    what: 'cannot look without the linter',
    files: { 'package.json': '{"name":"a"}', 'eslint.config.mjs': rules, 'a.js': '' },
    found: 'tool_missing',
    says: /eslint is set up in the workspace and not installed/,
  },
  {
    what: 'cannot look where the linter does not start',
    files: { ...node, 'eslint.config.mjs': "import 'none';\n", 'a.js': '' },
    found: 'tool_missing',
    says: /eslint could not look/,
  },
  {
    what: 'passes what ESLint passes, warnings included',
    files: { ...node, 'eslint.config.mjs': rules, 'a.js': 'b();\n' },
    found: 'pass',
    says: /^eslint: nothing found/,
  },
  {
    what: 'finds what ESLint finds',
    files: { ...node, 'eslint.config.mjs': rules, 'src/a.js': 'b();\nvar c;\n', 'd.mjs': '\nvar e;\n' },
    found: ['d.mjs:2', 'src/a.js:2'],
    says: /no-var/,
  },
  {
    what: "looks where the project's own script looks",
    files: {
      ...node,
      'package.json': '{"name":"a","scripts":{"lint":"eslint --cache --max-warnings 0 \'src\' && echo done"}}',
      'eslint.config.mjs': rules,
      'src/a.js': 'var c;\n',
      'old/d.js': 'var e;\n',
    },
    found: ['src/a.js:1'],
  },
  {
    what: 'finds what Biome finds',
    files: {
      ...node,
      'biome.json': '{"linter":{"rules":{"suspicious":{"noDebugger":"error"}}}}',
      'src/a.js': '\ndebugger;\n',
    },
    found: ['src/a.js:2'],
    says: /noDebugger/,
  },
  {
    what: 'passes what Biome passes',
    files: { ...node, 'biome.json': '{}', 'src/a.js': 'export const a = 1;\n' },
    found: 'pass',
  },
]);

casesWith('go', 'BLD_LINT', [
  {
    what: 'finds what go vet finds',
    files: { ...goModule, 'a.go': 'package a\n\nimport "fmt"\n\nfunc f() { fmt.Printf("%d", "") }\n' },
    found: ['a.go:5'],
    says: /Printf format %d/,
  },
]);

casesWith('cargo', 'BLD_LINT', [
  {
    what: 'finds what clippy finds',
    files: { ...crate, 'src/lib.rs': 'pub fn f(x: &Vec<u8>) -> bool {\n    x.len() == 0\n}\n' },
    found: ['src/lib.rs:1', 'src/lib.rs:2'],
  },
]);

casesOf(checkOf('BLD_FORMAT'), [
  {
    what: 'has nothing to say where no formatter is set up',
    files: { 'package.json': '{"name":"a"}', 'a.js': '' },
    found: 'not_applicable',
  },
  {
    what: 'cannot look without the formatter',
    files: { 'package.json': '{"name":"a"}', '.prettierrc': '{}', 'a.js': '' },
    found: 'tool_missing',
  },
  {
    what: 'passes what Prettier would write',
    files: { ...node, 'package.json': '{\n  "name": "a"\n}\n', '.prettierrc': '{}\n', 'a.js': 'let a = 1;\n' },
    found: 'pass',
    says: /^prettier: every file/,
  },
  {
    what: 'finds what Prettier would write otherwise',
    files: {
      ...node,
      'package.json': '{\n  "name": "a"\n}\n',
      '.prettierrc': '{}\n',
      'a.js': 'let a  = 1\n',
      'b/c.css': 'a{}',
    },
    found: ['a.js', 'b/c.css'],
    says: /^2 files are not laid out as prettier would/,
  },
  {
    what: 'finds what Biome would write otherwise',
    files: {
      ...node,
      'package.json': '{\n  "name": "a"\n}\n',
      'biome.json': '{ "formatter": { "indentStyle": "space" } }\n',
      'a.js': 'let a  = 1\n',
    },
    found: ['a.js'],
  },
]);

casesWith('black', 'BLD_FORMAT', [
  {
    what: 'finds what Black would write otherwise',
    files: { ...snake('x = ( 1 )\n'), 'pyproject.toml': '[project]\nname = "a"\n[tool.black]\n', 'b.py': 'y = 1\n' },
    found: ['a.py'],
  },
]);

casesWith('go', 'BLD_FORMAT', [
  {
    what: 'cannot look with a gofmt that is older than the module',
    files: { 'go.mod': 'module a\n\ngo 9.1\n', 'a.go': 'package a\nfunc f( ) {}\n' },
    found: 'tool_missing',
    says: /older than go\.mod asks for/,
  },
  {
    what: 'finds what gofmt would write otherwise',
    files: {
      ...goModule,
      'a.go': 'package a\n',
      'p/b.go': 'package p\nfunc f( ) {}\n',
      'vendor/c.go': 'package c\nfunc f( ) {}\n',
    },
    found: ['p/b.go'],
  },
]);

casesWith('cargo', 'BLD_FORMAT', [
  {
    what: 'finds what rustfmt would write otherwise',
    files: { ...crate, 'src/lib.rs': 'mod b;\n', 'src/b.rs': 'pub fn f( ) {}\n' },
    found: ['src/b.rs'],
  },
  { what: 'passes what rustfmt would write', files: { ...crate, 'src/lib.rs': 'pub fn f() {}\n' }, found: 'pass' },
]);
