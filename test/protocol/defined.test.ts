import { strict as assert } from 'node:assert';
import { defined } from '../../src/protocol/defined.ts';
import { parseJson } from '../../src/protocol/parse-json.ts';
import { plural } from '../../src/protocol/plural.ts';

describe('defined', () => {
  it('drops undefined properties and keeps null, zero, false and the empty string', () => {
    const values = { a: undefined, b: null, c: 0, d: false, e: '' };
    assert.deepEqual(defined(values), { b: null, c: 0, d: false, e: '' });
    assert.ok('a' in values);
  });
});

describe('plural', () => {
  const rows: readonly [number, string][] = [
    [0, '0 runs'],
    [1, '1 run'],
    [2, '2 runs'],
    [1200, '1,200 runs'],
  ];
  for (const [count, text] of rows) it(`writes ${text}`, () => assert.equal(plural(count, 'run'), text));

  it('takes an irregular plural', () => assert.equal(plural(2, 'entry', 'entries'), '2 entries'));
});

describe('parseJson', () => {
  it('returns the value, or undefined if the text is not JSON', () => {
    assert.deepEqual(parseJson('{"a":[1]}'), { a: [1] });
    for (const text of ['', '{', 'undefined', "{'a':1}"]) assert.equal(parseJson(text), undefined);
  });
});
