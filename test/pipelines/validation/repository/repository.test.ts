import { strict as assert } from 'node:assert';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isForeignHead } from '../../../../src/pipelines/validation/repository/foreign/file-names.ts';
import { openRepository } from '../../../../src/pipelines/validation/repository/open-repository.ts';
import { type PlantedFile, type PlantedRepository, type PlantOptions, plant } from '../planted-repository.ts';

describe('repository', () => {
  const plants: PlantedRepository[] = [];
  const planted = async (
    files: Readonly<Record<string, PlantedFile>>,
    options?: PlantOptions,
  ): Promise<PlantedRepository> => {
    const repository = await plant(files, options);
    plants.push(repository);
    return repository;
  };
  afterEach(() => {
    for (const repository of plants.splice(0)) repository.dispose();
  });

  describe('files', () => {
    const files = { '.gitignore': 'out/\n', 'b.ts': '', 'a/ü c.py': '', 'out/x.js': '' };

    it('lists the files that Git does not ignore in order, tracked or not, also for a subfolder', async () => {
      const { context, root } = await planted(files, { git: true, untracked: { 'new.ts': '' } });
      assert.equal(context.repository.git, true);
      assert.deepEqual(await context.repository.files(), ['.gitignore', 'a/ü c.py', 'b.ts', 'new.ts']);
      assert.deepEqual([...(await context.repository.trackedFiles())], ['.gitignore', 'a/ü c.py', 'b.ts']);
      const below = await openRepository(join(root, 'a'));
      assert.equal(below.git, true);
      assert.deepEqual(await below.files(), ['ü c.py']);
    });

    it('lists neither installed packages nor files of other repositories, and counts what is not judged', async () => {
      const { context, root, git } = await planted(
        {
          '.gitignore': '/out/\n*.log\n',
          'a.ts': '',
          'dist/b.js': '',
          'c.png': new Uint8Array([137, 0, 1]),
          'd.txt': 'x\n'.repeat(1_000_001),
          'e.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
          'gone.ts': '',
        },
        {
          git: true,
          untracked: { 'new.ts': '', 'node_modules/p/index.js': '', 'out/x': '', 'f.log': '', 'nested/g.ts': '' },
        },
      );
      const nested = join(root, 'nested');
      git('-C', nested, 'init', '--quiet');
      rmSync(join(root, 'gone.ts'));
      // A submodule is an entry of the index with a mode of its kind.
      git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD').trim()},vendored/module`);
      const { repository } = context;
      assert.deepEqual(await repository.files(), [
        ...['.gitignore', 'a.ts', 'c.png', 'd.txt', 'dist/b.js', 'e.bin', 'gone.ts', 'new.ts'],
      ]);
      assert.deepEqual(await repository.coverage(), {
        ...{ judged: 3, untracked: 1, foreign: 1, binary: 1, large: 1, pointers: 1, missing: 1 },
        ...{ ignored: 2, submodules: 1, nestedRepositories: 1 },
      });
    });

    it('lists a file with a merge conflict once', async () => {
      const { context, git, put } = await planted({ 'a.txt': '1\n' }, { git: true });
      git('checkout', '-q', '-b', 'other');
      put('a.txt', '2\n');
      git('commit', '-qam', 'two');
      git('checkout', '-q', 'main');
      put('a.txt', '3\n');
      git('commit', '-qam', 'three');
      assert.throws(() => git('merge', 'other'));
      assert.deepEqual(await context.repository.files(), ['a.txt']);
    });

    it('lists all files that are not ignored without Git', async () => {
      const { context } = await planted(files);
      assert.equal(context.repository.git, false);
      assert.deepEqual(await context.repository.files(), ['.gitignore', 'a/ü c.py', 'b.ts']);
    });

    it('treats an ignored folder as one without Git', async () => {
      const { root } = await planted(files, { git: true });
      const repository = await openRepository(join(root, 'out'));
      assert.equal(repository.git, false);
      assert.deepEqual(await repository.files(), ['x.js']);
    });

    it('does not start programs from the configuration of the repository', async () => {
      const { root, git } = await planted({ 'a.ts': '', hook: { run: '#!/bin/sh\ntouch "$0.ran"\n' } }, { git: true });
      git('config', 'core.fsmonitor', join(root, 'hook'));
      const repository = await openRepository(root);
      assert.deepEqual(await repository.files(), ['a.ts', 'hook']);
      // The hook does run for an ordinary Git command.
      git('status');
      const hookOutput = join(root, 'hook.ran');
      rmSync(hookOutput);
      await (await openRepository(root)).files();
      assert.throws(() => rmSync(hookOutput));
    });
  });

  describe('content', () => {
    it('contains only texts of files inside the workspace', async () => {
      const { context } = await planted({
        'a.txt': 'grün',
        'binary.txt': new Uint8Array([65, 0, 66]),
        'long.txt': 'x'.repeat(2_000_001),
        'just.txt': 'x'.repeat(2_000_000),
        'in.txt': { link: 'a.txt' },
        'out.txt': { link: '/etc/hostname' },
        outside: { link: '/etc' },
      });
      const { repository } = context;
      assert.equal(await repository.text('a.txt'), 'grün');
      assert.equal(await repository.text('in.txt'), 'grün');
      assert.equal((await repository.text('just.txt'))?.length, 2_000_000);
      for (const file of ['binary.txt', 'long.txt', 'out.txt', 'outside/hostname', '.', 'gone']) {
        assert.equal(await repository.text(file), undefined, file);
      }
    });

    it('is parsed, or undefined if it does not parse', async () => {
      const { context } = await planted({
        'a.json': '\uFEFF{"a": [1]}',
        'comments.json': '{"a": 1, /* why */ "b": 2,}',
        'broken.json': '{"a": ',
        'long.json': JSON.stringify({ a: 'x'.repeat(3_000_000) }),
        'a.toml': 'a = 1\n[b]\nc = "d"\n',
        'broken.toml': 'a = \n',
        'a.yaml': 'a: &x {b: 1}\nc: *x\n',
        'broken.yaml': 'a: [1\nb: 2\n',
      });
      const { repository } = context;
      assert.deepEqual(await repository.json('a.json'), { a: [1] });
      assert.deepEqual(await repository.json('comments.json'), { a: 1, b: 2 });
      assert.equal(((await repository.json('long.json')) as { a: string }).a.length, 3_000_000);
      // The parser creates tables without a prototype.
      assert.equal(JSON.stringify(await repository.toml('a.toml')), '{"a":1,"b":{"c":"d"}}');
      assert.deepEqual(await repository.yaml('a.yaml'), { a: { b: 1 }, c: { b: 1 } });
      assert.equal(await repository.json('broken.json'), undefined);
      assert.equal(await repository.toml('broken.toml'), undefined);
      assert.equal(await repository.yaml('broken.yaml'), undefined);
      assert.equal(await repository.json('gone.json'), undefined);
    });

    it('is read only once', async () => {
      const { context, put } = await planted({ 'a.txt': 'one' });
      const texts = await Promise.all([context.repository.text('a.txt'), context.repository.text('a.txt')]);
      put('a.txt', 'two');
      assert.deepEqual([...texts, await context.repository.text('a.txt')], ['one', 'one', 'one']);
    });
  });

  describe('stacks', () => {
    const cases: readonly {
      readonly what: string;
      readonly files: Readonly<Record<string, string>>;
      /** `id folder packageManager` */
      readonly stacks: readonly string[];
    }[] = [
      { what: 'in no folder without a manifest', files: { 'README.md': '' }, stacks: [] },
      { what: 'in a Node package', files: { 'package.json': '{"name":"a"}' }, stacks: ['node  npm'] },
      {
        what: 'in npm workspaces, without fixtures and module markers',
        files: {
          'package.json': '{"name":"a","workspaces":["packages/*","!packages/old"]}',
          'package-lock.json': '{}',
          'packages/b/package.json': '{"name":"b"}',
          'packages/old/package.json': '{"name":"old"}',
          'packages/b/test/fixtures/x/package.json': '{"name":"x"}',
          'packages/esm/package.json': '{"type":"module"}',
        },
        stacks: ['node  npm', 'node packages/b npm'],
      },
      {
        what: 'in pnpm workspaces',
        files: {
          'package.json': '{"name":"a"}',
          'pnpm-workspace.yaml': 'packages:\n  - "apps/**"\n',
          'pnpm-lock.yaml': '',
          'apps/one/two/package.json': '{"name":"two"}',
        },
        stacks: ['node  pnpm', 'node apps/one/two pnpm'],
      },
      {
        what: 'in yarn workspaces in the long form',
        files: {
          'package.json': '{"name":"a","packageManager":"yarn@4.1.0","workspaces":{"packages":["p/*"]}}',
          'p/b/package.json': '{"name":"b"}',
        },
        stacks: ['node  yarn', 'node p/b yarn'],
      },
      {
        what: 'in a uv workspace',
        files: {
          'pyproject.toml': '[project]\nname="a"\n[tool.uv.workspace]\nmembers=["libs/*"]\n',
          'uv.lock': '',
          'libs/b/pyproject.toml': '[project]\nname="b"\n',
        },
        stacks: ['python  uv', 'python libs/b uv'],
      },
      {
        what: 'without Python if pyproject.toml only configures a tool',
        files: { 'package.json': '{"name":"a"}', 'pyproject.toml': '[tool.ruff]\n', 'docs/requirements.txt': 'sphinx' },
        stacks: ['node  npm'],
      },
      {
        what: 'in a Python package whose pyproject.toml only configures a tool',
        files: { 'pyproject.toml': '[tool.ruff]\n', 'setup.py': 'setup()\n', 'lib/setup.cfg': '[metadata]\n' },
        stacks: ['python  pip'],
      },
      {
        what: 'in a poetry project',
        files: { 'pyproject.toml': '[tool.poetry]\nname="a"\n' },
        stacks: ['python  poetry'],
      },
      {
        what: 'in applications with their own lock files beside a root that only has scripts',
        files: {
          'package.json': '{"name":"a","private":true}',
          'apps/b/package.json': '{"name":"b"}',
          'apps/b/yarn.lock': '',
          'apps/c/package.json': '{"name":"c"}',
          'examples/d/package.json': '{"name":"d"}',
          'examples/d/yarn.lock': '',
          'server/pyproject.toml': '[project]\nname="s"\n',
          'server/uv.lock': '',
        },
        stacks: ['node  npm', 'node apps/b yarn', 'python server uv'],
      },
      { what: 'in a project with requirements.txt', files: { 'requirements.txt': 'flask\n' }, stacks: ['python  pip'] },
      {
        what: 'in a cargo workspace',
        files: {
          'Cargo.toml': '[workspace]\nmembers=["crates/*"]\nexclude=["crates/old"]\n',
          'crates/a/Cargo.toml': '[package]\nname="a"\n',
          'crates/old/Cargo.toml': '[package]\nname="old"\n',
        },
        stacks: ['rust  cargo', 'rust crates/a cargo'],
      },
      {
        what: 'in a Go workspace without a module at its root',
        files: {
          'go.work': 'go 1.22\nuse (\n\t./a // first\n)\nuse ./b\n',
          'a/go.mod': 'module a\n',
          'b/go.mod': 'module b\n',
        },
        stacks: ['go a go', 'go b go'],
      },
      {
        what: 'for several languages, each at its smallest depth',
        files: {
          'web/package.json': '{"name":"web"}',
          'web/deep/package.json': '{"name":"deep"}',
          'api/go.mod': 'module api\n',
          'examples/x/Cargo.toml': '[package]\n',
          'tests/y/Cargo.toml': '[package]\n',
        },
        stacks: ['go api go', 'node web npm'],
      },
    ];
    for (const { what, files, stacks } of cases) {
      it(`are found ${what}`, async () => {
        const { context } = await planted(files, { git: true });
        const actual = await context.repository.stacks();
        assert.deepEqual(
          actual.map(({ id, folder, packageManager }) => `${id} ${folder} ${packageManager}`).sort(),
          [...stacks].sort(),
        );
        for (const { manifest } of actual) assert.ok(manifest in files, manifest);
      });
    }
  });

  it('recognizes tests and foreign files by their paths', async () => {
    const { context } = await planted({ 'a.ts': '' });
    const { repository } = context;
    const tests = [
      'test/a.ts',
      'src/a.test.tsx',
      'a_spec.js',
      'pkg/test_x.py',
      'pkg/x_test.py',
      'a_test.go',
      'tests/it.rs',
      'src/__tests__/a.js',
      'conftest.py',
      'test.js',
    ];
    for (const file of tests) assert.equal(repository.isTest(file), true, file);
    for (const file of ['src/latest.ts', 'contest.py', 'src/attest/a.go', 'protest.rs', 'a.specs.md']) {
      assert.equal(repository.isTest(file), false, file);
    }
    const foreign = [
      'node_modules/a/b.js',
      'a/vendor/b.go',
      'test/fixtures/a.ts',
      'testdata/x',
      'package-lock.json',
      'a/Cargo.lock',
      'x.min.js',
      'a.pb.go',
      'a_pb2.py',
      'x.snap',
      '.yarn/releases/yarn.cjs',
      'dist/a.js',
      'tests/data/a.py',
      'playground/broken/main.js',
    ];
    for (const file of foreign) assert.equal(repository.isForeign(file), true, file);
    for (const file of [
      'src/a.ts',
      'lib/distance.ts',
      'src/fix.ts',
      'build/make.js',
      'src/data/a.py',
      'vendor.ts',
      'playground/__tests__/a.ts',
      'gone.ts',
    ]) {
      assert.equal(repository.isForeign(file), false, file);
    }
  });

  it('recognizes foreign files by the head of their content', async () => {
    const { context, root } = await planted({
      'made.go': '// Code generated by stringer. DO NOT EDIT.\npackage a\n',
      'handwritten.go': 'package a\n',
      'packed.js': `/* licence */\n${'x'.repeat(5001)}\n`,
      link: { link: 'made.go' },
    });
    const { repository } = context;
    assert.deepEqual(
      ['made.go', 'handwritten.go', 'packed.js', 'link'].filter((file) => repository.isForeign(file)),
      ['made.go', 'packed.js'],
    );
    writeFileSync(join(root, 'handwritten.go'), '// @generated\n');
    assert.equal(repository.isForeign('handwritten.go'), false, 'the result is cached');
  });

  it('distinguishes generator marks from texts about marks', () => {
    const marked = [
      '# @generated by x',
      ' * @generated SignedSource<<abc>>',
      '// This file is auto-generated. Do not modify.',
      '/* Generated by Bison 3.8 */',
      '# This file was automatically generated by SWIG',
      '// DO NOT EDIT',
      '<!-- Generated using tool -->',
      '// GENERATED CODE - DO NOT MODIFY BY HAND',
      '"""Generated protocol buffer code, do not edit."""',
      '# Autogenerated by Thrift',
    ];
    for (const line of marked) assert.equal(isForeignHead(`#!/bin/sh\n\n${line}\n`), true, line);
    const unmarked = [
      '/** Files marked @generated or DO NOT EDIT are left out. */',
      "const mark = '// @generated';",
      '// Generated files are left out',
      '# Generate the report',
      '/// Generated code validation',
      '# Not all values are in this\n# autogenerated file.',
      '// The generated id',
      '// This file generates code',
    ];
    for (const line of unmarked) assert.equal(isForeignHead(`${line}\n`), false, line);
    assert.equal(isForeignHead(`${'a\n'.repeat(30)}// @generated\n`), false, 'too far below the start');
  });

  it('finds programs installed in the workspace', async () => {
    const { context, root } = await planted({
      'node_modules/.bin/outer': { run: '#!/bin/sh\n' },
      'packages/a/node_modules/.bin/inner': { run: '#!/bin/sh\n' },
      '.venv/bin/snake': { run: '#!/bin/sh\n' },
      'node_modules/.bin/text': 'not a program',
    });
    const { repository } = context;
    assert.equal(await repository.tool('outer', 'packages/a'), join(root, 'node_modules/.bin/outer'));
    assert.equal(await repository.tool('inner', 'packages/a'), join(root, 'packages/a/node_modules/.bin/inner'));
    assert.equal(await repository.tool('snake'), join(root, '.venv/bin/snake'));
    for (const name of ['inner', 'text', 'missing']) assert.equal(await repository.tool(name), undefined, name);
  });

  it('provides the facts of its source files, cached by content', async () => {
    const store = await planted({});
    const { context, put, again } = await planted(
      { 'a.ts': 'export const f = (): void => g();\n', 'b.py': 'def f(:\n', 'c.md': '' },
      { git: true, facts: store.root, untracked: { 'd.ts': '' } },
    );
    const first = await context.repository.index();
    assert.deepEqual([...first.keys()], ['a.ts', 'b.py', 'd.ts']);
    assert.deepEqual(first.get('a.ts')?.callees, ['g']);
    assert.match(first.get('b.py')?.syntaxError ?? '', /^Line 1, column /);
    assert.equal(await context.repository.index(), first);
    put('a.ts', 'h();\n');
    const second = await (await again()).repository.index();
    assert.deepEqual(second.get('a.ts')?.callees, ['h']);
    assert.deepEqual(second.get('b.py'), first.get('b.py'));
  });

  it('rejects instead of returning partial facts when aborted', async () => {
    const { root } = await planted({ 'a.ts': 'f();\n' });
    const repository = await openRepository(root, { signal: AbortSignal.abort() });
    await assert.rejects(repository.index(), { name: 'AbortError' });
  });
});
