import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { managerOf, scriptsIn, scriptWords } from '../../../src/node/command/package-scripts.ts';
import { fileWords, runners } from '../../../src/node/command/runners.ts';
import { folder } from '../../fixtures/pipeline.ts';

describe('what runs a file', () => {
  let temporary: ReturnType<typeof folder>;
  let workspace: string;
  beforeEach(() => {
    temporary = folder();
    workspace = temporary.path;
  });
  afterEach(() => temporary.done());
  const write = (path: string, text = ''): string => {
    const file = join(workspace, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o755 });
    return file;
  };
  /** A PATH with these programs alone, each a script. */
  const only = (programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
    mkdirSync(join(workspace, 'bin'), { recursive: true });
    for (const [name, text] of Object.entries(programs)) write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
    return { PATH: join(workspace, 'bin') };
  };

  it('is known for each kind of file of the table', () => {
    const env = only({ node: 'echo strip', python3: '' });
    write('node_modules/tsx/package.json', '{"bin": "./cli.mjs"}');
    for (const extension of runners.flatMap(({ extensions }) => extensions)) {
      const file = write(`a${extension}`);
      const words = fileWords(file, { workspace, env });
      assert.equal(words.at(-1), file);
      assert.match(words[0], /^(node|python3)$/);
    }
    assert.throws(() => fileWords(write('a.txt'), { workspace, env }), /known: \.js.*Profile Command…/);
  });

  it('is the loader that the project has, the nearest first', () => {
    const file = write('packages/a/src/main.ts');
    write('node_modules/tsx/package.json', '{"bin": {"tsx": "dist/cli.mjs"}}');
    const cli = join(workspace, 'node_modules/tsx/dist/cli.mjs');
    assert.deepEqual(fileWords(file, { workspace, env: {} }), ['node', cli, file]);
    write('packages/a/node_modules/ts-node/package.json', '{"bin": {"ts-node": "bin.js"}}');
    const nearer = join(workspace, 'packages/a/node_modules/ts-node/bin.js');
    assert.deepEqual(fileWords(file, { workspace, env: {} }), ['node', nearer, file]);
  });

  it('is Node itself for TypeScript only where it strips types', () => {
    const file = write('main.ts');
    assert.deepEqual(fileWords(file, { workspace, env: only({ node: 'echo strip' }) }), ['node', file]);
    const old = { workspace, env: only({ node: 'echo undefined' }) };
    assert.throws(() => fileWords(file, old), { name: 'HumanError', message: /Add tsx/ });
    assert.throws(() => fileWords(write('a.tsx'), { workspace, env: only({ node: 'echo strip' }) }), /Add tsx/);
  });

  it('is the Python that is set, else that of the workspace, else that of the system', () => {
    const file = write('main.py');
    assert.deepEqual(fileWords(file, { workspace, env: only({ python: '' }) }), ['python', file]);
    assert.deepEqual(fileWords(file, { workspace, env: only({ python: '', python3: '' }) }), ['python3', file]);
    const own = write('.venv/bin/python');
    assert.deepEqual(fileWords(file, { workspace, env: {} }), [own, file]);
    assert.equal(fileWords(file, { workspace, pythonPath: 'py3' })[0], 'py3');
    assert.equal(fileWords(file, { workspace, pythonPath: 'env/bin/py' })[0], join(workspace, 'env/bin/py'));
    assert.equal(fileWords(file, { workspace, pythonPath: '/opt/py' })[0], '/opt/py');
  });
});

describe('the scripts of a package', () => {
  it('are found with their places in the text, also where it has comments', () => {
    const text = '{\n  // ours\n  "scripts": {\n    "build": "tsc -b",\n    "a:b": "x"\n  }\n}';
    const scripts = scriptsIn(text);
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
    it(`are none in ${JSON.stringify(text)}`, () => assert.deepEqual(scriptsIn(text), []));
  }

  it('are run by the package manager whose lock file lies nearest', () => {
    const { path, done } = folder();
    const inner = join(path, 'packages/a');
    mkdirSync(inner, { recursive: true });
    assert.equal(managerOf(inner, path), 'npm');
    writeFileSync(join(path, 'pnpm-lock.yaml'), '');
    assert.equal(managerOf(inner, path), 'pnpm');
    writeFileSync(join(inner, 'yarn.lock'), '');
    assert.deepEqual([managerOf(inner, path), managerOf(path, path)], ['yarn', 'pnpm']);
    done();
  });

  it('are run by name, really', () => {
    const { path, done } = folder();
    writeFileSync(join(path, 'package.json'), JSON.stringify({ scripts: { 'a b': 'echo said' } }));
    const [program, ...args] = scriptWords('npm', 'a b', false);
    assert.match(execFileSync(program, args, { cwd: path, encoding: 'utf8' }), /^said$/m);
    done();
    assert.throws(() => scriptWords('npm', 'a & b', true), /cannot be run by its name/);
  });
});
