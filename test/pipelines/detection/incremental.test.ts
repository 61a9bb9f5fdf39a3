/** Tests that a later run reads only changed files and yields the same result as a run without a cache. */
import { strict as assert } from 'node:assert';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, type DetectionRun, detect, writeFile } from './run-detection.ts';

const files = {
  'a.ts': "import { b } from './b';\nexport function a() {\n  b();\n}\n",
  'b.ts': 'export function b() {}\n',
  'c.py': 'def c():\n    c()\n',
};

describe('incremental detection', () => {
  let workspace: string;
  let cache: string;
  beforeEach(() => {
    workspace = createWorkspace(files);
    cache = mkdtempSync(join(tmpdir(), 'pipescope-cache-'));
    // Sets an old modification time, because a file as recent as the cache is always read again.
    for (const name of Object.keys(files)) utimesSync(join(workspace, name), 1e9, 1e9);
  });
  afterEach(() => {
    for (const folder of [workspace, cache]) rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]): Promise<DetectionRun> => detect({ workspace, cache, args });
  const countsIn = ({ stderr }: DetectionRun): string => /\((.*?)\)/.exec(stderr)?.[1] ?? stderr;

  it('reads no file if no file has changed', async () => {
    const first = await run();
    assert.equal(countsIn(first), '3 read, 0 unchanged');
    const second = await run();
    assert.equal(countsIn(second), '0 read, 3 unchanged');
    assert.equal(second.text, first.text);
    assert.ok(first.calls.some(({ target }) => target === 'b.ts#b'));
  });

  it('reads a changed file again and resolves the calls that depend on it again', async () => {
    await run();
    writeFileSync(join(workspace, 'b.ts'), 'export function other() {}\n');
    const changed = await run();
    assert.equal(countsIn(changed), '1 read, 2 unchanged');
    const call = changed.calls.find(({ callee }) => callee === 'b');
    assert.deepEqual([call?.tier, call?.target], ['unresolved', undefined]);
    assert.equal((await run('--cold')).text, changed.text);
  });

  /** Changes of `b.ts` and the file whose calls they affect, if any. */
  const edits: Readonly<Record<string, string>> = {
    'a call in a function': 'export function b() { b(); }\n',
    'a new function': 'export function b() {}\nexport class Late { only() {} }\n',
    'another exported name': 'export function c() {}\n',
    'a class instead of a function': 'export class b { m() {} }\n',
    'a syntax error': 'export function b( {}\n',
    'a comment': '// comment\nexport function b() {}\n',
  };
  for (const [what, source] of Object.entries(edits)) {
    it(`yields the result of a complete run after a change of one file: ${what}`, async () => {
      writeFile(workspace, 'd.ts', "import { b } from './a2';\nfunction d(x) {\n  b();\n  x.only();\n}\n");
      writeFile(workspace, 'a2.ts', "export * from './b';\n");
      for (const name of ['d.ts', 'a2.ts']) utimesSync(join(workspace, name), 1e9, 1e9);
      for (let index = 0; index < 12; index++)
        writeFile(workspace, `other${index}.ts`, `function f${index}() {}\nf${index}();\n`);
      await run();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await run();
      writeFileSync(join(workspace, 'b.ts'), source);
      const changed = await run();
      assert.equal(changed.code, 0);
      assert.equal(changed.text, (await run('--cold')).text);
    });
  }

  it('does not read a file again if only its modification time has changed', async () => {
    const first = await run();
    utimesSync(join(workspace, 'a.ts'), 1.1e9, 1.1e9);
    const touched = await run();
    assert.equal(countsIn(touched), '0 read, 3 unchanged');
    assert.equal(touched.text, first.text);
  });

  it('detects a change that keeps size and modification time', async () => {
    await run();
    const path = join(workspace, 'b.ts');
    const source = readFileSync(path, 'utf8');
    rmSync(path);
    writeFileSync(path, source.replace('function b', 'function x'));
    utimesSync(path, 1e9, 1e9);
    assert.ok((await run()).definitions.some(({ name }) => name === 'x'));
  });

  it('removes deleted files and finds new files', async () => {
    await run();
    rmSync(join(workspace, 'c.py'));
    writeFile(workspace, 'sub/d.ts', 'd();\n');
    const next = await run();
    assert.equal(countsIn(next), '1 read, 2 unchanged');
    const names = new Set([...next.calls, ...next.definitions].map(({ file }) => file));
    assert.ok(names.has('sub/d.ts'));
    assert.ok(!names.has('c.py'));
  });

  it('reads all files with --cold', async () => {
    await run();
    assert.equal(countsIn(await run('--cold')), '3 read, 0 unchanged');
  });

  const damages: Readonly<Record<string, (path: string) => void>> = {
    'is cut off': (path) => writeFileSync(path, readFileSync(path).subarray(0, 700)),
    'has other bytes': (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"a.ts"', '"z.ts"')),
    'has more bytes': (path) => appendFileSync(path, '[]'),
    'is empty': (path) => writeFileSync(path, ''),
    'is not JSON': (path) => writeFileSync(path, 'hello\nworld'),
    'is of another version': (path) =>
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"version":\d+/, '"version":0')),
    'is of another workspace': (path) =>
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"workspace":"[^"]*"/, '"workspace":"/elsewhere"')),
  };
  for (const [damage, applyDamage] of Object.entries(damages)) {
    it(`discards the cache with a message if every cache file ${damage}`, async () => {
      const first = await run();
      const names = readdirSync(cache);
      assert.equal(names.length, 3);
      for (const name of names) {
        // The data file names neither the version nor the workspace; the index does.
        if (name === 'answer.data' && damage.startsWith('is of another')) continue;
        const before = readFileSync(join(cache, name), 'utf8');
        applyDamage(join(cache, name));
        assert.notEqual(readFileSync(join(cache, name), 'utf8'), before);
      }
      const second = await run();
      assert.equal(countsIn(second), '3 read, 0 unchanged');
      assert.match(second.stderr, /the cache was discarded/);
      assert.equal(second.text, first.text);
      assert.equal(countsIn(await run()), '0 read, 3 unchanged');
    });

    it(`yields the same result if one of the cache files ${damage}`, async () => {
      const first = await run();
      // In the first run, the files are too recent to be identified by their stat; the second run caches older ones.
      await run();
      for (const name of readdirSync(cache)) {
        applyDamage(join(cache, name));
        const next = await run();
        assert.equal(next.text, first.text);
        assert.equal(next.code, 0);
      }
    });
  }

  const contextChanges: Readonly<Record<string, () => void>> = {
    'a new file': () => writeFile(workspace, 'notes.txt', 'x'),
    'a new path mapping for imports': () =>
      writeFile(workspace, 'tsconfig.json', '{"compilerOptions":{"paths":{"@/*":["./*"]}}}'),
  };
  for (const [what, change] of Object.entries(contextChanges)) {
    it(`computes the result again if there is ${what}`, async () => {
      await run();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await run();
      change();
      const next = await run();
      assert.equal(countsIn(next), '0 read, 3 unchanged');
      assert.equal(next.text, (await run('--cold')).text);
    });
  }
});
