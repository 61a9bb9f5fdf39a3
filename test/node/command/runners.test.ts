import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageManagerOf, parseScripts, scriptCommand } from '../../../src/node/command/package-scripts.ts';
import { fileCommand, runners } from '../../../src/node/command/runners.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

describe('fileCommand', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let workspace: string;
  beforeEach(() => {
    temporary = createTemporaryFolder();
    workspace = temporary.path;
  });
  afterEach(() => temporary.done());
  const write = (path: string, text = ''): string => {
    const file = join(workspace, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o755 });
    return file;
  };
  /** Returns an environment whose PATH contains only these programs, each a shell script. */
  const environmentWith = (programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
    mkdirSync(join(workspace, 'bin'), { recursive: true });
    for (const [name, text] of Object.entries(programs)) write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
    return { PATH: join(workspace, 'bin') };
  };

  it('returns a command for each supported extension and rejects others', () => {
    const env = environmentWith({ node: 'echo strip', python3: '' });
    write('node_modules/tsx/package.json', '{"bin": "./cli.mjs"}');
    for (const extension of runners.flatMap(({ extensions }) => extensions)) {
      const file = write(`a${extension}`);
      const argv = fileCommand(file, { workspace, env });
      assert.equal(argv.at(-1), file);
      assert.match(argv[0], /^(node|python3)$/);
    }
    assert.throws(() => fileCommand(write('a.txt'), { workspace, env }), /supported: \.js.*Profile Command…/);
  });

  it('uses the nearest TypeScript loader of the project', () => {
    const file = write('packages/a/src/main.ts');
    write('node_modules/tsx/package.json', '{"bin": {"tsx": "dist/cli.mjs"}}');
    const cli = join(workspace, 'node_modules/tsx/dist/cli.mjs');
    assert.deepEqual(fileCommand(file, { workspace, env: {} }), ['node', cli, file]);
    write('packages/a/node_modules/ts-node/package.json', '{"bin": {"ts-node": "bin.js"}}');
    const nearer = join(workspace, 'packages/a/node_modules/ts-node/bin.js');
    assert.deepEqual(fileCommand(file, { workspace, env: {} }), ['node', nearer, file]);
  });

  it('uses Node for TypeScript only if it strips types', () => {
    const file = write('main.ts');
    assert.deepEqual(fileCommand(file, { workspace, env: environmentWith({ node: 'echo strip' }) }), ['node', file]);
    const old = { workspace, env: environmentWith({ node: 'echo undefined' }) };
    assert.throws(() => fileCommand(file, old), { name: 'HumanError', message: /Add tsx/ });
    assert.throws(
      () => fileCommand(write('a.tsx'), { workspace, env: environmentWith({ node: 'echo strip' }) }),
      /Add tsx/,
    );
  });

  it('uses Python from the settings, else from .venv, else from the PATH', () => {
    const file = write('main.py');
    assert.deepEqual(fileCommand(file, { workspace, env: environmentWith({ python: '' }) }), ['python', file]);
    assert.deepEqual(fileCommand(file, { workspace, env: environmentWith({ python: '', python3: '' }) }), [
      'python3',
      file,
    ]);
    const venvPython = write('.venv/bin/python');
    assert.deepEqual(fileCommand(file, { workspace, env: {} }), [venvPython, file]);
    assert.equal(fileCommand(file, { workspace, pythonPath: 'py3' })[0], 'py3');
    assert.equal(fileCommand(file, { workspace, pythonPath: 'env/bin/py' })[0], join(workspace, 'env/bin/py'));
    assert.equal(fileCommand(file, { workspace, pythonPath: '/opt/py' })[0], '/opt/py');
  });
});

describe('package scripts', () => {
  it('are found with their offsets, even if the file has comments', () => {
    const text = '{\n  // comment\n  "scripts": {\n    "build": "tsc -b",\n    "a:b": "x"\n  }\n}';
    const scripts = parseScripts(text);
    assert.deepEqual(
      scripts.map(({ name, command }) => [name, command]),
      [
        ['build', 'tsc -b'],
        ['a:b', 'x'],
      ],
    );
    for (const { name, offset } of scripts) assert.ok(text.startsWith(`"${name}"`, offset));
  });

  for (const text of ['', '{', '[]', '{"scripts": 1}', '{"scripts": {"a"', '{"scripts": {"a": 1}}']) {
    it(`are empty for ${JSON.stringify(text)}`, () => assert.deepEqual(parseScripts(text), []));
  }

  it('are run by the package manager with the nearest lock file', () => {
    const { path, done } = createTemporaryFolder();
    const inner = join(path, 'packages/a');
    mkdirSync(inner, { recursive: true });
    assert.equal(packageManagerOf(inner, path), 'npm');
    writeFileSync(join(path, 'pnpm-lock.yaml'), '');
    assert.equal(packageManagerOf(inner, path), 'pnpm');
    writeFileSync(join(inner, 'yarn.lock'), '');
    assert.deepEqual([packageManagerOf(inner, path), packageManagerOf(path, path)], ['yarn', 'pnpm']);
    done();
  });

  it('can be run by name and are rejected on Windows if cmd.exe would interpret the name', () => {
    const { path, done } = createTemporaryFolder();
    writeFileSync(join(path, 'package.json'), JSON.stringify({ scripts: { 'a b': 'echo hello' } }));
    const [program, ...args] = scriptCommand('npm', 'a b', false);
    assert.match(execFileSync(program, args, { cwd: path, encoding: 'utf8' }), /^hello$/m);
    done();
    assert.throws(() => scriptCommand('npm', 'a & b', true), /Cannot run the script “a & b” on Windows/);
  });
});
