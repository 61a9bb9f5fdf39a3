import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileCheckCache } from '../../../../src/pipelines/validation/check/check-cache.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';

describe('FileCheckCache', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());
  const file = (): string => join(temporary.path, 'memory.json');

  it('keeps values for the next run, except for a cold one', () => {
    const first = new FileCheckCache(temporary.path);
    first.set('a', { b: [1] });
    assert.deepEqual(first.get('a'), { b: [1] });
    first.save();
    assert.deepEqual(new FileCheckCache(temporary.path).get('a'), { b: [1] });
    assert.equal(new FileCheckCache(temporary.path, true).get('a'), undefined);
    assert.deepEqual(readdirSync(temporary.path), ['memory.json']);
  });

  it('merges with values that another run has saved meanwhile', () => {
    const [first, second] = [new FileCheckCache(temporary.path), new FileCheckCache(temporary.path)];
    first.set('first', 1);
    second.set('second', 2);
    first.save();
    second.save();
    const next = new FileCheckCache(temporary.path);
    assert.deepEqual([next.get('first'), next.get('second')], [1, 2]);
  });

  it('drops the least recently used values if the file becomes too large', () => {
    const cache = new FileCheckCache(temporary.path);
    const long = 'x'.repeat(1_000_000);
    for (let index = 0; index < 8; index++) cache.set(`key${index}`, long);
    cache.get('key0');
    cache.save();
    assert.ok(statSync(file()).size <= 4 * 1024 * 1024);
    const next = new FileCheckCache(temporary.path);
    const remaining = Array.from({ length: 8 }, (_, index) => `key${index}`).filter(
      (key) => next.get(key) !== undefined,
    );
    assert.deepEqual(remaining, ['key0', 'key5', 'key6', 'key7']);
  });

  for (const [what, text] of [
    ['damaged', '{"schema":'],
    ['of another schema', '{"schema":"other/1","entries":[["a",1]]}'],
    ['not a list', '{"schema":"pipescope-memory/1","entries":7}'],
  ] as const) {
    it(`starts empty if its file is ${what} and replaces the file`, () => {
      writeFileSync(file(), text);
      const cache = new FileCheckCache(temporary.path);
      assert.equal(cache.get('a'), undefined);
      cache.set('b', 1);
      cache.save();
      assert.deepEqual(JSON.parse(readFileSync(file(), 'utf8')).entries, [['b', 1]]);
    });
  }

  it('works without saving if the folder is undefined or cannot be written', () => {
    writeFileSync(file(), '');
    for (const path of [join(file(), 'below'), undefined]) {
      const cache = new FileCheckCache(path);
      cache.set('a', 1);
      cache.save();
      assert.equal(cache.get('a'), 1);
    }
  });
});
