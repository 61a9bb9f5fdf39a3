/** Checks that ask the tools of a workspace, on planted repositories with real tools. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildChecks } from '../../../../../src/pipelines/validation/checks/build.ts';
import { type Plant, type Planted, plant } from '../../planted.ts';
import { type Case, casesOf } from '../cases.ts';

const checkOf = (id: string) => buildChecks.find((check) => check.id === id);
const packages: Planted = { link: resolve(import.meta.dirname, '../../../../../node_modules') };
const node = { 'package.json': '{"name":"a"}', node_modules: packages, '.gitignore': 'node_modules\n' };

/** Cases that need a program of the machine: said, not passed, where it is missing. */
function casesWith(program: string, id: string, cases: readonly Case[]): void {
  const isHere = spawnSync(program, [program === 'go' ? 'version' : '--version']).status === 0;
  if (isHere) casesOf(checkOf(id), cases);
  else describe(`${id} (${program} is not installed here)`, () => void it.skip(`${cases.length} cases`));
}

const strict =
  '{"compilerOptions":{"strict":true,"target":"es2022","module":"nodenext","types":[],"skipLibCheck":true}}';

casesOf(checkOf('BLD_TYPECHECK'), [
  {
    what: 'has nothing to say where no checker is set up',
    files: { 'package.json': '{"name":"a"}', 'a.js': '' },
    found: 'not_applicable',
  },
  {
    what: 'cannot look without the compiler',
    files: { 'package.json': '{"name":"a"}', 'tsconfig.json': strict, 'a.ts': '' },
    found: 'tool_missing',
  },
  {
    what: 'passes types that fit',
    files: { ...node, 'tsconfig.json': strict, 'a.ts': 'export const a: number = 1;\n' },
    found: 'pass',
    says: /^tsc: no error\.$/,
  },
  {
    what: 'finds types that do not fit, with file and line, and not those of the packages',
    files: {
      ...node,
      'tsconfig.json': strict,
      'src/a.ts': 'export const a: number = 1;\n\nexport const b: string = a;\n',
      'c.ts': 'f();\n',
    },
    found: ['c.ts:1', 'src/a.ts:3'],
    says: /error TS2322/,
  },
  {
    what: 'reads projects that refer to each other, none built, each under its own options',
    files: {
      ...node,
      'tsconfig.json': '{"files":[],"references":[{"path":"core"},{"path":"page"}]}',
      'base.json':
        '{"compilerOptions":{"composite":true,"strict":true,"target":"es2022","module":"preserve","types":[],"rootDir":"."}}',
      'core/tsconfig.json': '{"extends":"../base.json","compilerOptions":{"lib":["ES2022"]}}',
      // `name` is a variable of pages: in the page's project this file alone would be right.
      'core/a.ts': 'export const a = 1;\nexport const wrong: string = name;\n',
      'page/tsconfig.json':
        '{"extends":"../base.json","include":["."],"references":[{"path":"../core"}],"compilerOptions":{"lib":["ES2022","DOM"]}}',
      'page/b.ts':
        "import { a } from '../core/a';\nexport const b: string = a;\nexport const c: string = document.title;\n",
    },
    found: ['core/a.ts:2', 'page/b.ts:2'],
  },
  {
    what: 'tells a configuration that is wrong',
    files: { ...node, 'tsconfig.json': '{"compilerOptions":{"target":"es1"}}', 'a.ts': '' },
    found: ['tsconfig.json:1'],
  },
]);

describe('BLD_TYPECHECK', () => {
  const made: Plant[] = [];
  const cache = mkdtempSync(join(tmpdir(), 'pipescope-cache-'));
  after(() => {
    for (const one of made) one.dispose();
    rmSync(cache, { recursive: true, force: true });
  });

  it('writes nothing into the workspace, keeps what it needs outside, and asks again once a file has changed', async () => {
    const check = checkOf('BLD_TYPECHECK');
    assert.ok(check);
    const one = await plant(
      { ...node, 'tsconfig.json': strict, 'a.ts': 'export const a: number = 1;\n' },
      { git: true, cache },
    );
    made.push(one);
    const before = readdirSync(one.root);
    let runs = 0;
    const counting = async () => {
      const context = await one.again();
      return {
        ...context,
        run: ((command, args, options) => {
          if (/tsc$/.test(command)) runs++;
          return context.run(command, args, options);
        }) as typeof context.run,
      };
    };
    assert.equal((await check.run(await counting())).status, 'pass');
    assert.equal((await check.run(await counting())).status, 'pass');
    assert.equal(runs, 1, 'the same files are not asked about again');
    one.put('a.ts', 'export const a: number = "";\n');
    assert.equal((await check.run(await counting())).status, 'fail');
    one.put('b.ts', 'export const b: number = "";\n');
    assert.equal(
      (await check.run(await counting())).findings?.length,
      2,
      'a new file that git does not track yet is read too',
    );
    assert.equal(runs, 3);
    assert.deepEqual(
      readdirSync(one.root).filter((name) => name !== 'b.ts'),
      before,
    );
    assert.ok(readdirSync(cache, { recursive: true }).some((name) => String(name).endsWith('tsconfig.tsbuildinfo')));
  });
});

const goModule = { 'go.mod': 'module a\n\ngo 1.19\n' };

casesWith('go', 'BLD_TYPECHECK', [
  {
    what: 'passes Go that builds, and leaves no program behind',
    files: { ...goModule, 'main.go': 'package main\n\nfunc main() {}\n' },
    found: 'pass',
    says: /^go build: no error/,
  },
  {
    what: 'finds Go that does not build',
    files: { ...goModule, 'p/a.go': 'package p\n\nfunc f() int { return "" }\n' },
    found: ['p/a.go:3'],
  },
  {
    what: 'finds a module that go.mod does not require',
    files: { ...goModule, 'a.go': 'package a\n\nimport _ "x.example/x"\n' },
    found: ['a.go:3'],
    says: /no required module provides/,
  },
  {
    what: 'cannot look where modules are missing',
    files: {
      'go.mod': 'module a\n\nrequire x.example/x v1.0.0\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\n',
      'a.go': 'package a\n\nimport _ "x.example/x"\n',
    },
    found: 'tool_missing',
  },
]);

const snake = (body: string) => ({ 'pyproject.toml': '[project]\nname = "a"\n', 'a.py': body });

casesWith('mypy', 'BLD_TYPECHECK', [
  {
    what: 'finds what mypy finds, by the settings of the project',
    files: {
      ...snake('\ndef f(x):\n    return x\n'),
      'pyproject.toml': '[project]\nname = "a"\n[tool.mypy]\nstrict = true\n',
    },
    found: ['a.py:2'],
    says: /no-untyped-def/,
  },
  {
    what: 'cannot judge where a package is not installed',
    files: {
      ...snake('import none_such\n\nx: int = none_such.f("")\ny: int = ""\n'),
      'mypy.ini': '[mypy]\nstrict = true\n',
    },
    found: 'tool_missing',
    says: /none_such, which a\.py imports, is not installed/,
  },
  {
    what: 'passes what mypy passes',
    files: { ...snake('def f(x: int) -> int:\n    return x\n'), 'mypy.ini': '[mypy]\nfiles = a.py\n' },
    found: 'pass',
  },
]);

const crate = {
  'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
  'Cargo.lock': 'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\n',
};

casesWith('cargo', 'BLD_TYPECHECK', [
  {
    what: 'passes Rust that fits',
    files: { ...crate, 'src/lib.rs': 'pub fn f() -> u8 {\n    1\n}\n' },
    found: 'pass',
    says: /^cargo check: no error/,
  },
  {
    what: 'finds Rust that does not fit',
    files: { ...crate, 'src/lib.rs': 'pub fn f() -> u8 {\n    ""\n}\n' },
    found: ['src/lib.rs:2'],
    says: /E0308/,
  },
]);

casesOf(checkOf('BLD_SYNTAX'), [
  { what: 'has nothing to say of prose', files: { 'README.md': '' }, found: 'not_applicable' },
  {
    what: 'takes what the first parser does not understand, if another does, and what is broken on purpose or not ours',
    files: {
      'a.js': 'return 1;\n',
      'b.mjs': 'export default async () => { await using x = f(); };\n',
      'c.ts': 'enum A { B }\nexport class C { constructor(private readonly d = 1) {} accessor e = 2; }\n',
      'd.js': '// @flow\nconst a: {| b: ?string |} = c;\n',
      'test/fixtures/e.js': 'let = ;\n',
      'test/bad-syntax.js': 'let = ;\n',
      'f.py': 'match x:\n    case [1, *_] if y: pass\n',
    },
    found: 'pass',
  },
  {
    what: 'finds what does not parse, with file and line',
    files: { 'a.js': 'f();\nlet x = ;\n', 'b.ts': 'const a: number = 1;\nfunction ( {\n', 'c.mjs': 'import x from;\n' },
    found: ['a.js:2', 'b.ts:2', 'c.mjs:1'],
    says: /^3 of 3 sources cannot be read/,
  },
]);

casesWith('python3', 'BLD_SYNTAX', [
  {
    what: 'finds Python that does not parse, also where the grammar is lenient',
    files: { ...snake('def f():\nreturn 1\n'), 'b.py': 'x = (1,\n' },
    found: ['a.py:2', 'b.py:1'],
  },
  { what: 'leaves alone what is older than any Python 3', files: snake('print "a"\n'), found: 'pass' },
  {
    what: 'leaves alone what an older Python does not know',
    files: { ...snake('def f(:\n'), 'pyproject.toml': '[project]\nname="a"\nrequires-python=">=3.99"\n' },
    found: 'pass',
    says: /1 file could be read by no parser at hand, such as a\.py/,
  },
]);

casesWith('go', 'BLD_SYNTAX', [
  {
    what: 'finds Go that does not parse',
    files: { ...goModule, 'p/a.go': 'package p\n\nfunc f( {\n' },
    found: ['p/a.go:3'],
  },
]);

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

const lock = (version: string): string =>
  JSON.stringify({
    name: 'a',
    lockfileVersion: 3,
    packages: {
      '': { name: 'a', dependencies: { x: '^1.0.0' } },
      'node_modules/x': { version },
      'node_modules/y': { version: '1.0.0', optional: true },
    },
  });
const own = {
  'package.json': '{"name":"a","dependencies":{"x":"^1.0.0"}}',
  'package-lock.json': lock('1.2.0'),
  '.gitignore': 'node_modules\n.venv\n',
};

casesOf(checkOf('BLD_DEPS_INSTALLED'), [
  { what: 'has nothing to say without a manifest', files: { 'a.ts': '' }, found: 'not_applicable' },
  {
    what: 'has nothing to say where nothing is asked for',
    files: { 'package.json': '{"name":"a"}' },
    found: 'not_applicable',
  },
  {
    what: 'passes what is installed as locked',
    files: {
      ...own,
      'node_modules/x/package.json': '{"version":"1.2.0"}',
      'node_modules/.package-lock.json': lock('1.2.0'),
    },
    found: 'pass',
    says: /^2 packages as asked for/,
  },
  { what: 'finds that nothing is installed', files: own, found: ['package.json'], says: /there is no node_modules/ },
  {
    what: 'finds another version than the locked one',
    files: {
      ...own,
      'node_modules/x/package.json': '{"version":"1.1.0"}',
      'node_modules/.package-lock.json': lock('1.1.0'),
    },
    found: ['package-lock.json:1'],
    says: /locked as 1\.2\.0 and installed as 1\.1\.0/,
  },
  {
    what: 'finds what is missing, and what does not fit',
    files: {
      ...own,
      'package-lock.json': '',
      'package.json': '{"name":"a","dependencies":{"x":"^1.0.0"},\n"devDependencies":{"z":"1"}}',
      'node_modules/x/package.json': '{"version":"2.0.0"}',
    },
    found: ['package.json:1', 'package.json:2'],
  },
  {
    what: 'takes what the folder around has installed',
    files: {
      'package.json': '{"name":"a","workspaces":["p/*"]}',
      'p/b/package.json': '{"name":"b","dependencies":{"x":"1"}}',
      '.gitignore': 'node_modules\n',
      'node_modules/x/package.json': '{"version":"1.0.0"}',
    },
    found: 'pass',
  },
  {
    what: 'has nothing to say of Python without an environment',
    files: { 'requirements.txt': 'flask==1.0\n' },
    found: 'not_applicable',
    says: /No virtual environment/,
  },
  {
    what: 'looks into a virtual environment',
    files: {
      'requirements.txt': 'Some.Thing==1.0\nother>=2\ngone\nelsewhere==1 ; sys_platform == "win32"\n',
      '.gitignore': '.venv\n',
      '.venv/lib/python3.12/site-packages/some_thing-1.0.dist-info/METADATA': '',
      '.venv/lib/python3.12/site-packages/other-1.5.dist-info/METADATA': '',
    },
    found: ['requirements.txt:2', 'requirements.txt:3'],
    says: /“other” is asked for as >=2 and installed as 1\.5/,
  },
]);

casesWith('go', 'BLD_DEPS_INSTALLED', [
  {
    what: 'finds modules that are not downloaded',
    files: {
      'go.mod': 'module a\n\nrequire x.example/x v1.0.0\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\n',
      'a.go': 'package a\n\nimport _ "x.example/x"\n',
    },
    found: ['go.mod'],
  },
]);

casesWith('cargo', 'BLD_DEPS_INSTALLED', [
  {
    what: 'finds crates that are not fetched',
    files: {
      'Cargo.toml': `${crate['Cargo.toml']}[dependencies]\nno-such-crate-here = "1"\n`,
      'Cargo.lock':
        'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\ndependencies = ["no-such-crate-here"]\n\n[[package]]\nname = "no-such-crate-here"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"\n',
      'src/lib.rs': '',
    },
    found: ['Cargo.lock'],
  },
]);
