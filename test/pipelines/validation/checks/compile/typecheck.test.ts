/** What the checkers of types say, on planted repositories with real ones. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Plant, plant } from '../../planted-repository.ts';
import { casesOf } from '../check-cases.ts';
import { casesWith, checkOf, crate, goModule, node, snake } from './fake-tools.ts';

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
