/** Tests the typecheck check with the real type checkers. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlantedRepository, plant } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';
import { findCheck, goProject, nodeProject, pythonProject, rustProject, testCheckWith } from './fake-tools.ts';

const strict =
  '{"compilerOptions":{"strict":true,"target":"es2022","module":"nodenext","types":[],"skipLibCheck":true}}';

testCheck(findCheck('BLD_TYPECHECK'), [
  {
    title: 'skips if no type checker is configured',
    files: { 'package.json': '{"name":"a"}', 'a.js': '' },
    expected: 'not_applicable',
  },
  {
    title: 'skips if the compiler is not installed',
    files: { 'package.json': '{"name":"a"}', 'tsconfig.json': strict, 'a.ts': '' },
    expected: 'tool_missing',
  },
  {
    title: 'passes code without type errors',
    files: { ...nodeProject, 'tsconfig.json': strict, 'a.ts': 'export const a: number = 1;\n' },
    expected: 'pass',
    message: /^No type errors \(tsc\)\.$/,
  },
  {
    title: 'reports type errors with file and line, but not those of packages',
    files: {
      ...nodeProject,
      'tsconfig.json': strict,
      'src/a.ts': 'export const a: number = 1;\n\nexport const b: string = a;\n',
      'c.ts': 'f();\n',
    },
    expected: ['c.ts:1', 'src/a.ts:3'],
    message: /error TS2322/,
  },
  {
    title: 'checks unbuilt projects that refer to each other, each with its own options',
    files: {
      ...nodeProject,
      'tsconfig.json': '{"files":[],"references":[{"path":"core"},{"path":"page"}]}',
      'base.json':
        '{"compilerOptions":{"composite":true,"strict":true,"target":"es2022","module":"preserve","types":[],"rootDir":"."}}',
      'core/tsconfig.json': '{"extends":"../base.json","compilerOptions":{"lib":["ES2022"]}}',
      // `name` is a global of the DOM. With the options of the page project, this file would have no errors.
      'core/a.ts': 'export const a = 1;\nexport const wrong: string = name;\n',
      'page/tsconfig.json':
        '{"extends":"../base.json","include":["."],"references":[{"path":"../core"}],"compilerOptions":{"lib":["ES2022","DOM"]}}',
      'page/b.ts':
        "import { a } from '../core/a';\nexport const b: string = a;\nexport const c: string = document.title;\n",
    },
    expected: ['core/a.ts:2', 'page/b.ts:2'],
  },
  {
    title: 'reports an invalid configuration',
    files: { ...nodeProject, 'tsconfig.json': '{"compilerOptions":{"target":"es1"}}', 'a.ts': '' },
    expected: ['tsconfig.json:1'],
  },
]);

describe('BLD_TYPECHECK', () => {
  const plants: PlantedRepository[] = [];
  const toolCacheFolder = mkdtempSync(join(tmpdir(), 'pipescope-cache-'));
  after(() => {
    for (const planted of plants) planted.dispose();
    rmSync(toolCacheFolder, { recursive: true, force: true });
  });

  it('writes nothing into the workspace, caches outside, and checks again after a change', async () => {
    const check = findCheck('BLD_TYPECHECK');
    assert.ok(check);
    const planted = await plant(
      { ...nodeProject, 'tsconfig.json': strict, 'a.ts': 'export const a: number = 1;\n' },
      { git: true, toolCacheFolder },
    );
    plants.push(planted);
    const before = readdirSync(planted.root);
    let runs = 0;
    const createCountingContext = async () => {
      const context = await planted.again();
      return {
        ...context,
        run: ((command, args, options) => {
          if (/tsc$/.test(command)) runs++;
          return context.run(command, args, options);
        }) as typeof context.run,
      };
    };
    assert.equal((await check.run(await createCountingContext())).status, 'pass');
    assert.equal((await check.run(await createCountingContext())).status, 'pass');
    assert.equal(runs, 1, 'unchanged files are not checked again');
    planted.put('a.ts', 'export const a: number = "";\n');
    assert.equal((await check.run(await createCountingContext())).status, 'fail');
    planted.put('b.ts', 'export const b: number = "";\n');
    assert.equal(
      (await check.run(await createCountingContext())).findings?.length,
      2,
      'a new untracked file is checked too',
    );
    assert.equal(runs, 3);
    assert.deepEqual(
      readdirSync(planted.root).filter((name) => name !== 'b.ts'),
      before,
    );
    assert.ok(
      readdirSync(toolCacheFolder, { recursive: true }).some((name) => String(name).endsWith('tsconfig.tsbuildinfo')),
    );
  });
});

testCheckWith('go', 'BLD_TYPECHECK', [
  {
    title: 'passes Go code that builds, without writing an executable',
    files: { ...goProject, 'main.go': 'package main\n\nfunc main() {}\n' },
    expected: 'pass',
    message: /^No type errors \(go build\)/,
  },
  {
    title: 'reports Go code that does not build',
    files: { ...goProject, 'p/a.go': 'package p\n\nfunc f() int { return "" }\n' },
    expected: ['p/a.go:3'],
  },
  {
    title: 'reports an import of a module that go.mod does not require',
    files: { ...goProject, 'a.go': 'package a\n\nimport _ "x.example/x"\n' },
    expected: ['a.go:3'],
    message: /no required module provides/,
  },
  {
    title: 'skips if modules are not downloaded',
    files: {
      'go.mod': 'module a\n\nrequire x.example/x v1.0.0\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\n',
      'a.go': 'package a\n\nimport _ "x.example/x"\n',
    },
    expected: 'tool_missing',
  },
]);

testCheckWith('mypy', 'BLD_TYPECHECK', [
  {
    title: 'reports errors of mypy with the settings of the project',
    files: {
      ...pythonProject('\ndef f(x):\n    return x\n'),
      'pyproject.toml': '[project]\nname = "a"\n[tool.mypy]\nstrict = true\n',
    },
    expected: ['a.py:2'],
    message: /no-untyped-def/,
  },
  {
    title: 'skips if an imported package is not installed',
    files: {
      ...pythonProject('import none_such\n\nx: int = none_such.f("")\ny: int = ""\n'),
      'mypy.ini': '[mypy]\nstrict = true\n',
    },
    expected: 'tool_missing',
    message: /does not find none_such, which a\.py imports/,
  },
  {
    title: 'passes if mypy passes',
    files: { ...pythonProject('def f(x: int) -> int:\n    return x\n'), 'mypy.ini': '[mypy]\nfiles = a.py\n' },
    expected: 'pass',
  },
]);

testCheckWith('cargo', 'BLD_TYPECHECK', [
  {
    title: 'passes Rust code that compiles',
    files: { ...rustProject, 'src/lib.rs': 'pub fn f() -> u8 {\n    1\n}\n' },
    expected: 'pass',
    message: /^No type errors \(cargo check\)/,
  },
  {
    title: 'reports Rust code that does not compile',
    files: { ...rustProject, 'src/lib.rs': 'pub fn f() -> u8 {\n    ""\n}\n' },
    expected: ['src/lib.rs:2'],
    message: /E0308/,
  },
]);
