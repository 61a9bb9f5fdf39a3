import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { canonical } from '../../../../src/pipelines/validation/verdict/canonical-json.ts';

/** The same value with the keys of all its records in the order that the dice say. */
function shuffled(value: unknown, dice: () => number): unknown {
  if (Array.isArray(value)) return value.map((one) => shuffled(one, dice));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => ({ key, one: shuffled(one, dice), at: dice() }));
  entries.sort((a, b) => a.at - b.at);
  // `fromEntries` defines keys, so that `__proto__` is one like any other.
  return Object.fromEntries(entries.map(({ key, one }) => [key, one]));
}

describe('canonical JSON', () => {
  it('is the same text for any order of keys, and reads back as the same value', () => {
    let moved = 0;
    fc.assert(
      fc.property(fc.jsonValue(), fc.infiniteStream(fc.nat()), (value, stream) => {
        const other = shuffled(value, () => stream.next().value);
        if (JSON.stringify(other) !== JSON.stringify(value)) moved += 1;
        assert.equal(canonical(other), canonical(value));
        // Of JSON the zero has no sign.
        assert.deepEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1000 },
    );
    assert.ok(moved > 20, `only ${moved} values had keys in another order`);
  });

  const rows: readonly [string, unknown, string][] = [
    [
      'sorts keys by code unit',
      { '€': 1, a: 2, '\u{1f600}': 3, A: 4, '\ufb33': 5 },
      '{"A":4,"a":2,"€":1,"\u{1f600}":3,"\ufb33":5}',
    ],
    ['writes numbers as JavaScript does', [1e21, 1e-7, 4.5, -0, 0.1 + 0.2], '[1e+21,1e-7,4.5,0,0.30000000000000004]'],
    ['escapes what JSON must, and nothing else', '€$\u000f\nA\'B"\\/', '"€$\\u000f\\nA\'B\\"\\\\/"'],
    ['leaves out what is undefined', { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ['sorts within lists', [{ b: 1, a: { d: 1, c: null } }], '[{"a":{"c":null,"d":1},"b":1}]'],
  ];
  for (const [what, value, text] of rows) it(what, () => assert.equal(canonical(value), text));

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1]) {
    it(`has no text for ${String(value)}`, () => assert.throws(() => canonical({ value }), TypeError));
  }
});
