/** A second run reads again only what has changed, and says the same as a first one. */
import { strict as assert } from 'node:assert';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detect, type Outcome, put, workspaceOf } from './run-detection.ts';

const files = {
  'a.ts': "import { b } from './b';\nexport function a() {\n  b();\n}\n",
  'b.ts': 'export function b() {}\n',
  'c.py': 'def c():\n    c()\n',
};

describe('incremental detection', () => {
  let workspace: string;
  let cache: string;
  beforeEach(() => {
    workspace = workspaceOf(files);
    cache = mkdtempSync(join(tmpdir(), 'pipescope-cache-'));
    // As if written before: a file as young as the cache is looked into, whatever it looks like.
    for (const name of Object.keys(files)) utimesSync(join(workspace, name), 1e9, 1e9);
  });
  afterEach(() => {
    for (const folder of [workspace, cache]) rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]): Promise<Outcome> => detect({ workspace, cache, args });
  const read = ({ stderr }: Outcome): string => /\((.*?)\)/.exec(stderr)?.[1] ?? stderr;

  it('reads nothing again where nothing has changed', async () => {
    const first = await run();
    assert.equal(read(first), '3 read, 0 unchanged');
    const second = await run();
    assert.equal(read(second), '0 read, 3 unchanged');
    assert.equal(second.text, first.text);
    assert.ok(first.calls.some(({ target }) => target === 'b.ts#b'));
  });

  it('reads a changed file again and resolves all calls anew', async () => {
    await run();
    writeFileSync(join(workspace, 'b.ts'), 'export function other() {}\n');
    const changed = await run();
    assert.equal(read(changed), '1 read, 2 unchanged');
    const call = changed.calls.find(({ callee }) => callee === 'b');
    assert.deepEqual([call?.tier, call?.target], ['unresolved', undefined]);
    assert.equal((await run('--cold')).text, changed.text);
  });

  it('does not read a file again that only looks changed', async () => {
    const first = await run();
    utimesSync(join(workspace, 'a.ts'), 1.1e9, 1.1e9);
    const touched = await run();
    assert.equal(read(touched), '0 read, 3 unchanged');
    assert.equal(touched.text, first.text);
  });

  it('sees a change that keeps size and time', async () => {
    await run();
    const path = join(workspace, 'b.ts');
    const source = readFileSync(path, 'utf8');
    rmSync(path);
    writeFileSync(path, source.replace('function b', 'function x'));
    utimesSync(path, 1e9, 1e9);
    assert.ok((await run()).definitions.some(({ name }) => name === 'x'));
  });

  it('forgets a file that has gone and finds a new one', async () => {
    await run();
    rmSync(join(workspace, 'c.py'));
    put(workspace, 'sub/d.ts', 'd();\n');
    const next = await run();
    assert.equal(read(next), '1 read, 2 unchanged');
    const names = new Set([...next.calls, ...next.definitions].map(({ file }) => file));
    assert.ok(names.has('sub/d.ts'));
    assert.ok(!names.has('c.py'));
  });

  it('forgets all where told to', async () => {
    await run();
    assert.equal(read(await run('--cold')), '3 read, 0 unchanged');
  });

  const damages: Readonly<Record<string, (path: string) => void>> = {
    'is cut off': (path) => writeFileSync(path, readFileSync(path).subarray(0, 700)),
    'has other bytes': (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"a.ts"', '"z.ts"')),
    'has more bytes': (path) => appendFileSync(path, '[]'),
    'is empty': (path) => writeFileSync(path, ''),
    'is no JSON': (path) => writeFileSync(path, 'hello\nworld'),
    'is of another version': (path) =>
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"version":\d+/, '"version":0')),
    'is of another workspace': (path) =>
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"workspace":"[^"]*"/, '"workspace":"/elsewhere"')),
  };
  for (const [damage, spoil] of Object.entries(damages)) {
    it(`starts anew, and says so, where all that was kept ${damage}`, async () => {
      const first = await run();
      const names = readdirSync(cache);
      assert.equal(names.length, 2);
      for (const name of names) {
        const before = readFileSync(join(cache, name), 'utf8');
        spoil(join(cache, name));
        assert.notEqual(readFileSync(join(cache, name), 'utf8'), before);
      }
      const second = await run();
      assert.equal(read(second), '3 read, 0 unchanged');
      assert.match(second.stderr, /what was kept from earlier runs is not used/);
      assert.equal(second.text, first.text);
      assert.equal(read(await run()), '0 read, 3 unchanged');
    });

    it(`says the same where one of the kept files ${damage}`, async () => {
      const first = await run();
      // The first run's files are too young to be believed by their looks: the second run keeps older ones.
      await run();
      for (const name of readdirSync(cache)) {
        spoil(join(cache, name));
        const next = await run();
        assert.equal(next.text, first.text);
        assert.equal(next.code, 0);
      }
    });
  }

  const surroundings: Readonly<Record<string, () => void>> = {
    'another file': () => put(workspace, 'notes.txt', 'x'),
    'a name for imports': () => put(workspace, 'tsconfig.json', '{"compilerOptions":{"paths":{"@/*":["./*"]}}}'),
  };
  for (const [what, change] of Object.entries(surroundings)) {
    it(`works out the answer again where there is ${what}`, async () => {
      await run();
      await new Promise((done) => setTimeout(done, 50));
      await run();
      change();
      const next = await run();
      assert.equal(read(next), '0 read, 3 unchanged');
      assert.equal(next.text, (await run('--cold')).text);
    });
  }
});
