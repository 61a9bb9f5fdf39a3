import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { canonicalJson } from '../../../../src/pipelines/validation/verdict/canonical-json.ts';

/** Returns a copy of a value with the keys of all its objects in a random order. */
function shuffleKeys(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => ({
    key,
    item: shuffleKeys(item, random),
    rank: random(),
  }));
  entries.sort((a, b) => a.rank - b.rank);
  // `fromEntries` defines `__proto__` like any other key.
  return Object.fromEntries(entries.map(({ key, item }) => [key, item]));
}

describe('canonical JSON', () => {
  it('does not depend on the order of keys and parses to the same value', () => {
    let reordered = 0;
    fc.assert(
      fc.property(fc.jsonValue(), fc.infiniteStream(fc.nat()), (value, stream) => {
        const other = shuffleKeys(value, () => stream.next().value);
        if (JSON.stringify(other) !== JSON.stringify(value)) reordered += 1;
        assert.equal(canonicalJson(other), canonicalJson(value));
        // JSON has no negative zero.
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1000 },
    );
    assert.ok(reordered > 20, `only ${reordered} values had keys in another order`);
  });

  const rows: readonly [string, unknown, string][] = [
    [
      'sorts keys by code unit',
      { '€': 1, a: 2, '\u{1f600}': 3, A: 4, '\ufb33': 5 },
      '{"A":4,"a":2,"€":1,"\u{1f600}":3,"\ufb33":5}',
    ],
    ['writes numbers as JavaScript does', [1e21, 1e-7, 4.5, -0, 0.1 + 0.2], '[1e+21,1e-7,4.5,0,0.30000000000000004]'],
    ['escapes only what JSON requires', '€$\u000f\nA\'B"\\/', '"€$\\u000f\\nA\'B\\"\\\\/"'],
    ['omits undefined properties', { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ['sorts within lists', [{ b: 1, a: { d: 1, c: null } }], '[{"a":{"c":null,"d":1},"b":1}]'],
  ];
  for (const [what, value, text] of rows) it(what, () => assert.equal(canonicalJson(value), text));

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1]) {
    it(`rejects ${String(value)}`, () => assert.throws(() => canonicalJson({ value }), TypeError));
  }
});
