import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { type Batch, countCalls, isBatch } from '../../../src/protocol/batch/batch.ts';
import { maxBatchEntries } from '../../../src/protocol/batch/limits.ts';
import { callsIn, salvageBatch } from '../../../src/protocol/batch/salvage-batch.ts';
import { maxTextLength } from '../../../src/protocol/schema.ts';

function delta(id: number, count: number, changes: object = {}): object {
  return { id, count, errors: 0, totalNs: count, hits: 0, misses: 0, buckets: [1, count], ...changes };
}

function message(changes: object = {}): Record<string, unknown> {
  return {
    v: 1,
    source: '1.0',
    sequence: 0,
    atNs: 1,
    hello: { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 1, recordNs: 1 },
    definitions: [
      { id: 0, component: 'c', name: 'first', kind: 'function' },
      { id: 1, component: 'c', name: 'second', kind: 'function' },
    ],
    operations: [delta(0, 3), delta(1, 4)],
    counters: [{ component: 'c', name: 'files', delta: 2 }],
    gauges: [{ component: 'c', name: 'depth', value: 1, unit: '1' }],
    items: [{ component: 'c', name: 'a', parts: { parse: 1 }, counts: { lines: 2 } }],
    spans: [{ id: 0, startNs: 1, durationNs: 2, attributes: { path: '/a', status: 200 } }],
    samples: [{ id: 0, samples: 1, selfNs: 1, totalNs: 1 }],
    cost: { events: 1, flushNs: 1 },
    ...changes,
  };
}

function salvaged(value: unknown): Batch {
  const batch = salvageBatch(value);
  assert.ok(batch);
  assert.ok(isBatch(JSON.parse(JSON.stringify(batch))));
  return batch;
}

/** Values that programs send by mistake. */
const hostileValues: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0.5,
  2 ** 53,
  true,
  'text',
  'x'.repeat(maxTextLength + 1),
  [],
  {},
  [[[]]],
];

describe('salvageBatch', () => {
  it('returns a valid batch unchanged', () => {
    const batch = message();
    assert.equal(salvageBatch(batch), batch);
  });

  const single: readonly [what: string, changes: object, dropped: { calls: number; values: number }][] = [
    [
      'a gauge that is a boolean',
      { gauges: [{ component: 'c', name: 'g', value: true, unit: '1' }] },
      { calls: 0, values: 1 },
    ],
    ['an infinite counter', { counters: [{ component: 'c', name: 'n', delta: null }] }, { calls: 0, values: 1 }],
    ['a negative number of calls', { operations: [delta(0, 3), delta(1, -4)] }, { calls: 0, values: 1 }],
    ['a delta without an id', { operations: [delta(0, 3), { ...delta(1, 4), id: 'x' }] }, { calls: 4, values: 0 }],
    ['a delta that is a text', { operations: [delta(0, 7), 'odd'] }, { calls: 0, values: 1 }],
    ['half a cache hit', { operations: [delta(0, 3), delta(1, 4, { hits: 0.5 })] }, { calls: 0, values: 1 }],
    [
      'a total that is not a number',
      { operations: [delta(0, 3), delta(1, 4, { totalNs: null })] },
      { calls: 0, values: 1 },
    ],
    [
      'an odd bucket',
      { operations: [delta(0, 3), delta(1, 4, { buckets: [1, 2, 3, -1, 5] })] },
      { calls: 0, values: 2 },
    ],
    ['a list that is an object', { counters: {} }, { calls: 0, values: 1 }],
    ['a clock that is not a number', { atNs: 'now' }, { calls: 0, values: 1 }],
    ['a hello without a name', { hello: { ...(message()['hello'] as object), name: 7 } }, { calls: 0, values: 1 }],
    [
      'an unknown kind of operation',
      { definitions: [{ id: 0, component: 'c', name: 'n', kind: 'thing' }] },
      { calls: 0, values: 1 },
    ],
    [
      'an attribute that is an object',
      { spans: [{ id: 0, startNs: 1, durationNs: 2, attributes: { a: {}, b: 1 } }] },
      { calls: 0, values: 1 },
    ],
  ];
  for (const [what, changes, dropped] of single) {
    it(`leaves out only ${what} and counts it`, () => {
      const batch = salvaged(message(changes));
      assert.deepEqual(batch.dropped, dropped);
      assert.equal(countCalls(batch), 7 - dropped.calls - (what.startsWith('a negative') ? 4 : 0));
      assert.ok(batch.hello && batch.definitions?.some(({ name }) => name !== ''));
    });
  }

  it('shortens texts that are too long', () => {
    const attributes = { long: 'x'.repeat(5000), short: 'y' };
    const batch = salvaged(message({ spans: [{ id: 0, startNs: 0, durationNs: 1, attributes }] }));
    assert.deepEqual(batch.spans?.[0]?.attributes, { long: 'x'.repeat(maxTextLength), short: 'y' });
    assert.deepEqual(batch.dropped, { calls: 0, values: 1 });
  });

  it('counts spans and items that it leaves out', () => {
    const spans = [{ id: 0, startNs: 1, durationNs: 2 }, { id: 0, startNs: -1, durationNs: 2 }, 'odd'];
    const items = [{ component: 'c', name: 'a', parts: { x: 1, y: -1 }, counts: {} }, { name: 'b' }];
    const batch = salvaged(message({ spans, items, spansOmitted: 5 }));
    assert.deepEqual([batch.spans?.length, batch.spansOmitted], [1, 7]);
    assert.deepEqual([batch.items?.length, batch.itemsOmitted], [1, 1]);
    assert.deepEqual(batch.items?.[0]?.parts, { x: 1 });
  });

  it('keeps the first entries of a list that is too long and counts the calls of the others', () => {
    const operations = Array.from({ length: maxBatchEntries + 10 }, (_, id) => delta(id, 2));
    const batch = salvaged(message({ operations }));
    assert.equal(batch.operations?.length, maxBatchEntries);
    assert.deepEqual(batch.dropped, { calls: 20, values: 0 });
  });

  it('adds to what the guest itself has dropped', () => {
    const batch = salvaged(message({ dropped: { calls: 5, values: 6 }, gauges: [7] }));
    assert.deepEqual(batch.dropped, { calls: 5, values: 7 });
  });

  it('refuses what is not a batch, but counts its calls', () => {
    for (const value of [undefined, 7, [], {}, { ...message(), v: 2 }, { ...message(), sequence: -1 }])
      assert.equal(salvageBatch(value), undefined);
    assert.equal(callsIn({ ...message(), sequence: 'x' }), 7);
    assert.equal(callsIn({ operations: [null, delta(0, 2), { count: -3 }, { count: '9' }] }), 2);
  });

  it('conserves the calls of every other operation, whatever a single value is', () => {
    const paths = leavesOf(message()).filter(([first]) => !['v', 'source', 'sequence'].includes(`${first}`));
    assert.ok(paths.length > 40);
    for (const path of paths) {
      for (const hostile of hostileValues) {
        const value = replaced(message(), path, hostile);
        const batch = salvaged(value);
        assert.equal(countCalls(batch) + (batch.dropped?.calls ?? 0), callsIn(value), `${path.join('.')} ${hostile}`);
        assert.ok(batch.definitions?.length || path[0] === 'definitions');
      }
    }
  });

  it('never throws and always returns a valid batch', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(message())), fc.anything()), (changes) => {
        const batch = salvageBatch({ ...message(), ...changes });
        assert.ok(batch === undefined || isBatch(batch));
      }),
      { numRuns: 500 },
    );
  });
});

type Path = readonly (string | number)[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    ...(path.length > 0 ? [path] : []),
    ...Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key])),
  ];
}

function replaced(value: Record<string, unknown>, path: Path, leaf: unknown): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  let parent = copy;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  parent[path.at(-1) as string] = leaf;
  return copy;
}
