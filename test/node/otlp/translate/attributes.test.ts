import { strict as assert } from 'node:assert';
import { toPlainAttributes } from '../../../../src/node/otlp/translate/attributes.ts';

describe('toPlainAttributes', () => {
  const toAttribute = (key: string, value: object) => ({
    key,
    value: { stringValue: undefined, boolValue: undefined, intValue: undefined, doubleValue: undefined, ...value },
  });

  it('reads each attribute a fixed number of times', () => {
    const count = 20_000;
    let reads = 0;
    // None of these can be shown, so that all of them are read.
    const attributes = Array.from({ length: count }, (_, index) => ({
      key: `key ${index}`,
      get value() {
        reads++;
        return toAttribute('', { doubleValue: Number.NaN }).value;
      },
    }));
    assert.deepEqual(toPlainAttributes(attributes), {});
    assert.equal(reads, count);
  });

  it('keeps the first of several values of a key', () => {
    const attributes = [toAttribute('a', { stringValue: 'first' }), toAttribute('a', { intValue: 2 })];
    assert.deepEqual(toPlainAttributes(attributes), { a: 'first' });
  });

  it('limits number, length and total length', () => {
    const short = Array.from({ length: 50 }, (_, index) => toAttribute(`a${index}`, { intValue: index }));
    assert.equal(Object.keys(toPlainAttributes(short)).length, 32);
    const long = short.map(({ key }) => toAttribute(key, { stringValue: 'x'.repeat(5000) }));
    const kept = toPlainAttributes(long);
    assert.ok(Object.values(kept).every((value) => String(value).length === 1000));
    assert.equal(Object.keys(kept).length, 7);
  });
});
