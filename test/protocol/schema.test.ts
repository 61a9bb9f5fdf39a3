import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import {
  amount,
  boolean,
  type Infer,
  list,
  literal,
  map,
  maxTextLength,
  number,
  object,
  optional,
  refine,
  tagged,
  text,
  unchecked,
  union,
  whole,
} from '../../src/protocol/schema.ts';

const person = object({
  name: text,
  age: optional(whole),
  tags: list(literal('a', 'b'), 2),
});
const shape = tagged('kind', { circle: { radius: amount }, point: {} });

/** Compiles only if the two types are identical. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const areTypesInferred: readonly true[] = [
  true satisfies Equal<
    Infer<typeof person>,
    { readonly name: string; readonly age?: number; readonly tags: readonly ('a' | 'b')[] }
  >,
  true satisfies Equal<
    Infer<typeof shape>,
    { readonly kind: 'circle'; readonly radius: number } | { readonly kind: 'point' }
  >,
];

describe('schema', () => {
  const rows: readonly [name: string, guard: (value: unknown) => boolean, valid: unknown[], invalid: unknown[]][] = [
    ['text', text, ['', 'x'.repeat(maxTextLength)], ['x'.repeat(maxTextLength + 1), 1, null]],
    ['amount', amount, [0, 0.5], [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']],
    ['whole', whole, [0, 7], [-1, 0.5, 2 ** 53, '1']],
    ['number', number, [-0.5], [Number.NaN, Number.NEGATIVE_INFINITY]],
    ['boolean', boolean, [true, false], [0, 'true', undefined]],
    ['a literal', literal('x'), ['x'], ['y', undefined]],
    ['a union of literals', literal('x', 1), ['x', 1], ['1', true]],
    ['a union', union(text, whole), ['x', 1], [-1, true]],
    ['a refined value', refine(whole, (value) => value > 0), [1], [0, 'x']],
    ['an optional value', optional(whole), [undefined, 1], [null, 'x']],
    ['an unchecked value', unchecked<string>(), ['x', 1, undefined], []],
    ['a list', list(whole, 2), [[], [1, 2]], [[1, 2, 3], ['x'], { length: 0 }]],
    ['a map', map(whole), [{}, { a: 1 }], [{ a: 'x' }, [1], { ['x'.repeat(maxTextLength + 1)]: 1 }, null]],
    [
      'an object',
      person,
      [
        { name: 'x', tags: [] },
        { name: 'x', age: 3, tags: ['a'], more: 1 },
        { name: 'x', age: undefined, tags: [] },
      ],
      [{ name: 'x' }, { name: 'x', age: '3', tags: [] }, { name: 'x', tags: ['c'] }, [], null, 'x'],
    ],
    [
      'a tagged union',
      shape,
      [{ kind: 'circle', radius: 1 }, { kind: 'point' }],
      [{ kind: 'circle' }, { kind: 'square' }, { kind: 'toString' }, { kind: ['point'] }, {}, null],
    ],
  ];
  for (const [name, guard, valid, invalid] of rows) {
    it(`accepts and rejects values as ${name}`, () => {
      for (const value of valid) assert.equal(guard(value), true, JSON.stringify(value));
      for (const value of invalid) assert.equal(guard(value), false, JSON.stringify(value));
    });
  }

  it('infers the types of objects and tagged unions', () => {
    assert.deepEqual(areTypesInferred, [true, true]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const [, guard] of rows) assert.equal(typeof guard(value), 'boolean');
      }),
    );
  });
});
