import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '../../../../src/pipelines/validation/check/check-cache.ts';
import { folder } from '../../../fixtures/pipeline.ts';

describe('what checks remember', () => {
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());
  const file = (): string => join(temporary.path, 'memory.json');

  it('is there in the next run, and forgotten in a cold one', () => {
    const first = new Store(temporary.path);
    first.set('a', { b: [1] });
    assert.deepEqual(first.get('a'), { b: [1] });
    first.save();
    assert.deepEqual(new Store(temporary.path).get('a'), { b: [1] });
    assert.equal(new Store(temporary.path, true).get('a'), undefined);
    assert.deepEqual(readdirSync(temporary.path), ['memory.json']);
  });

  it('adds to what another run has remembered meanwhile', () => {
    const [one, other] = [new Store(temporary.path), new Store(temporary.path)];
    one.set('one', 1);
    other.set('other', 2);
    one.save();
    other.save();
    const next = new Store(temporary.path);
    assert.deepEqual([next.get('one'), next.get('other')], [1, 2]);
  });

  it('is bounded: what was used longest ago goes first', () => {
    const store = new Store(temporary.path);
    const long = 'x'.repeat(1_000_000);
    for (let index = 0; index < 8; index++) store.set(`key${index}`, long);
    store.get('key0');
    store.save();
    assert.ok(statSync(file()).size <= 4 * 1024 * 1024);
    const next = new Store(temporary.path);
    const kept = Array.from({ length: 8 }, (_, index) => `key${index}`).filter((key) => next.get(key) !== undefined);
    assert.deepEqual(kept, ['key0', 'key5', 'key6', 'key7']);
  });

  for (const [what, text] of [
    ['damaged', '{"schema":'],
    ['of another kind', '{"schema":"other/1","entries":[["a",1]]}'],
    ['no list', '{"schema":"pipescope-memory/1","entries":7}'],
  ] as const) {
    it(`is empty where its file is ${what}, and written anew`, () => {
      writeFileSync(file(), text);
      const store = new Store(temporary.path);
      assert.equal(store.get('a'), undefined);
      store.set('b', 1);
      store.save();
      assert.deepEqual(JSON.parse(readFileSync(file(), 'utf8')).entries, [['b', 1]]);
    });
  }

  it('is lost without harm where nothing can be written, or nowhere is named', () => {
    writeFileSync(file(), '');
    for (const place of [join(file(), 'below'), undefined]) {
      const store = new Store(place);
      store.set('a', 1);
      store.save();
      assert.equal(store.get('a'), 1);
    }
  });
});
