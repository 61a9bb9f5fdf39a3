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
    title: 'checks projects with an output folder, whose sources are below the configuration',
    files: {
      ...nodeProject,
      'tsconfig.json':
        '{"compilerOptions":{"strict":true,"target":"esnext","module":"nodenext","outDir":"out","types":[]},"include":["src"]}',
      'src/a.ts': 'export const a: number = 1;\n',
      'src/b.ts': "import { a } from './a.js';\nexport const b: string = a;\n",
    },
    expected: ['src/b.ts:2'],
  },
  {
    title: 'reports errors in the sources of configurations with configDir, also with references',
    files: {
      ...nodeProject,
      'base.json': `{"compilerOptions":{"strict":true,"module":"nodenext","types":[],"outDir":"\${configDir}/out"},"include":["\${configDir}/src"]}`,
      'tsconfig.json': '{"files":[],"references":[{"path":"a"},{"path":"b"}]}',
      'a/tsconfig.json': '{"extends":"../base.json","references":[{"path":"../b"}]}',
      'a/src/a.ts': "import { b } from '../../b/src/b.js';\nexport const a: string = b;\n",
      'b/tsconfig.json': '{"extends":"../base.json","compilerOptions":{"composite":true,"declarationMap":true}}',
      'b/src/b.ts': 'export const b: number = 1;\n',
      'b/src/c.ts': 'export const c: string = 1;\n',
    },
    expected: ['a/src/a.ts:2', 'b/src/c.ts:1'],
  },
  {
    title: 'skips if the only errors are in files that import a package of the workspace that is not built',
    files: {
      ...nodeProject,
      'package.json': '{"name":"own-lib","exports":{".":"./dist/index.js"}}',
      'tsconfig.json': strict,
      'src/index.ts': 'export const a: number = 1;\n',
      'test-d/use.ts': "import { a } from 'own-lib';\n// @ts-expect-error\nexport const b: string = a;\n",
    },
    expected: 'tool_missing',
    message: /own-lib must be built before the types can be checked/,
  },
  {
    title: 'reports other errors although a package of the workspace is not built',
    files: {
      ...nodeProject,
      'package.json': '{"name":"own-lib","exports":{".":"./dist/index.js"}}',
      'tsconfig.json': strict,
      'src/index.ts': 'export const a: number = "";\n',
      'test-d/use.ts': "import { a } from 'own-lib';\nexport const b = a;\n",
    },
    expected: ['src/index.ts:1'],
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
    title: 'checks the configurations of the own script of the project and no others',
    files: {
      ...nodeProject,
      'package.json': '{"name":"a","scripts":{"typecheck":"npx tsc --noEmit -p tsconfig.src.json && echo done"}}',
      'tsconfig.json': strict,
      'tsconfig.src.json': '{"extends":"./tsconfig.json","include":["src"]}',
      'src/a.ts': '\nexport const a: number = "";\n',
      'notes/b.ts': 'export const b: number = "";\n',
    },
    expected: ['src/a.ts:2'],
  },
  {
    title: 'checks what the build compiles, and the packages whose scripts compile nothing',
    files: {
      ...nodeProject,
      'package.json':
        '{"name":"a","workspaces":["p","q"],"scripts":{"build":"rm -rf out && tsc --project tsconfig.build.json","dev":"tsc -w -p notes"}}',
      'tsconfig.json': strict,
      'tsconfig.build.json': '{"extends":"./tsconfig.json","include":["src"]}',
      'src/a.ts': '\nexport const a: number = "";\n',
      'notes/b.ts': 'export const b: number = "";\n',
      'notes/tsconfig.json': strict,
      'p/package.json': '{"name":"p","scripts":{"test":"mocha"}}',
      'p/tsconfig.json': '{"extends":"../tsconfig.json"}',
      'p/c.ts': '\n\nexport const c: number = "";\n',
      'q/package.json': '{"name":"q"}',
    },
    expected: ['p/c.ts:3', 'src/a.ts:2'],
  },
  {
    title: 'checks what the builds and tests of an Angular workspace compile',
    files: {
      ...nodeProject,
      'angular.json': JSON.stringify({
        projects: {
          app: {
            architect: {
              build: { options: { tsConfig: 'tsconfig.app.json' } },
              test: { options: { tsConfig: 'tsconfig.spec.json' } },
            },
          },
        },
      }),
      'tsconfig.json': '{"compilerOptions":{"types":[],"strict":true,"noEmit":true}}',
      'tsconfig.app.json': '{"extends":"./tsconfig.json","files":["src/main.ts"]}',
      'tsconfig.spec.json': '{"extends":"./tsconfig.json","include":["src/**/*.spec.ts"]}',
      'src/main.ts': 'export const a: string = 1;\n',
      'src/a.spec.ts': '\nexport const b: string = 2;\n',
      'e2e/run.ts': 'export const c: string = 3;\n',
    },
    expected: ['src/a.spec.ts:2', 'src/main.ts:1'],
  },
  {
    title: 'skips if the project checks its types with a program that is not supported',
    files: {
      ...nodeProject,
      'package.json': '{"name":"a","scripts":{"check:types":"svelte-check --threshold error"}}',
      'tsconfig.json': strict,
      'a.ts': 'export const a: number = "";\n',
    },
    expected: 'tool_missing',
    message: /with svelte-check \(package\.json: check:types\), which is not supported/,
  },
  {
    title: 'skips if the installed compiler is not the one that package.json requires',
    files: {
      'package.json': '{"name":"a","devDependencies":{"typescript":"^99.0.0"}}',
      'node_modules/typescript/package.json': '{"version":"5.9.3"}',
      'node_modules/.bin/tsc': { run: '#!/bin/sh\nexit 2\n' },
      '.gitignore': 'node_modules\n',
      'tsconfig.json': strict,
      'a.ts': 'export const a: number = "";\n',
    },
    expected: 'tool_missing',
    message: /typescript 5\.9\.3 is installed, but package\.json requires \^99\.0\.0/,
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

describe('BLD_TYPECHECK of a crate without a lock file', () => {
  it('writes neither a lock file nor build output into the workspace', async () => {
    const planted = await plant(
      { 'Cargo.toml': rustProject['Cargo.toml'], 'src/lib.rs': 'pub fn f() {}\n' },
      { git: true },
    );
    try {
      const outcome = await findCheck('BLD_TYPECHECK')?.run(await planted.again());
      assert.ok(outcome?.status === 'pass' || outcome?.skipReason === 'tool_missing', outcome?.message);
      assert.deepEqual(readdirSync(planted.root).sort(), ['.git', 'Cargo.toml', 'src']);
    } finally {
      planted.dispose();
    }
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
      'pyproject.toml': '[project]\nname = "a"\n[dependency-groups]\ndev = ["mypy>=0.9"]\n[tool.mypy]\nstrict = true\n',
    },
    expected: ['a.py:2'],
    message: /no-untyped-def/,
  },
  {
    title: 'checks only the files and folders for which the project runs mypy',
    files: {
      ...pythonProject('x: int = ""\n'),
      'requirements-dev.txt': 'mypy>=0.9\n',
      'mypy.ini': '[mypy]\nstrict = true\n',
      'tox.ini': '[testenv:typing]\ncommands =\n  mypy tests/typing\n  mypy: mypy --strict src\n',
      'src/b.py': 'y: int = ""\n',
      'tests/typing/c.py': 'z: int = ""\n',
      'docs/conf.py': 'options = {}\n',
    },
    expected: ['tests/typing/c.py:1', 'src/b.py:1'],
  },
  {
    title: 'skips if an imported package is not installed',
    files: {
      ...pythonProject('import none_such\n\nx: int = none_such.f("")\ny: int = ""\n'),
      'mypy.ini': '[mypy]\nstrict = true\n',
      'requirements-dev.txt': 'pytest\nmypy >= 0.9 # types\n',
    },
    expected: 'tool_missing',
    message: /does not find none_such, which a\.py imports/,
  },
  {
    title: 'passes if mypy passes',
    files: {
      ...pythonProject('def f(x: int) -> int:\n    return x\n'),
      'mypy.ini': '[mypy]\nfiles = a.py\n',
      'requirements-dev.txt': 'mypy>=0.9',
    },
    expected: 'pass',
  },
  ...[
    ['requirements-dev.txt', 'mypy==99.1.0\n', 'requirements-dev.txt requires mypy==99.1.0'],
    ['uv.lock', '[[package]]\nname = "mypy"\nversion = "99.2.0"\n', 'uv.lock requires mypy==99.2.0'],
    [
      '.pre-commit-config.yaml',
      'repos:\n- repo: https://github.com/pre-commit/mirrors-mypy\n  rev: v99.3.0\n',
      '.pre-commit-config.yaml requires mypy==99.3.0',
    ],
    ['requirements/typing.in', 'nothing\n', 'does not say which version'],
    ['tox.ini', '[testenv]\ndeps = mypy == 99.4\n', 'tox.ini requires mypy==99.4'],
  ].map(([file = '', content = '', message = '']) => ({
    title: `does not judge with another version than the one in ${file}`,
    files: { ...pythonProject('x: int = ""\n'), 'mypy.ini': '[mypy]\nfiles = a.py\n', [file]: content },
    expected: 'tool_missing' as const,
    message: new RegExp(message.replaceAll('.', '\\.')),
  })),
  {
    title: 'does not judge with another version than the one that Poetry requires',
    files: {
      ...pythonProject('x: int = ""\n'),
      'mypy.ini': '[mypy]\nfiles = a.py\n',
      'pyproject.toml': '[tool.poetry]\nname = "a"\n[tool.poetry.group.dev.dependencies]\nmypy = "^99.1"\n',
    },
    expected: 'tool_missing',
    message: /pyproject\.toml requires mypy>=99\.1,<100/,
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
    title: 'reports code that does not compile in a crate without a lock file',
    files: {
      'Cargo.toml': rustProject['Cargo.toml'],
      'src/lib.rs': 'mod part;\n',
      'src/part.rs': 'pub fn f() -> u8 {\n    ""\n}\n',
    },
    expected: ['src/part.rs:2'],
    message: /E0308/,
  },
  {
    title: 'skips a crate without a lock file if its dependencies are not downloaded',
    files: {
      'Cargo.toml': `${rustProject['Cargo.toml']}[dependencies]\nno-such-crate-here = "1"\n`,
      'src/lib.rs': 'pub fn f() {}\n',
    },
    expected: 'tool_missing',
    message: /crates are not downloaded/,
  },
  {
    title: 'skips if the toolchain that the project pins is not installed',
    files: {
      ...rustProject,
      'rust-toolchain.toml': '[toolchain]\nchannel = "1.1.0"\n',
      'src/lib.rs': 'pub fn f() -> u8 {\n    ""\n}\n',
    },
    expected: 'tool_missing',
  },
  {
    title: 'reports Rust code that does not compile',
    files: { ...rustProject, 'src/lib.rs': 'pub fn f() -> u8 {\n    ""\n}\n' },
    expected: ['src/lib.rs:2'],
    message: /E0308/,
  },
]);
