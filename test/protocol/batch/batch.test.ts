import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';
import { maxBatchEntries } from '../../../src/protocol/batch/limits.ts';

const batch: Batch = {
  v: 1,
  source: '12.0',
  sequence: 3,
  atNs: 1e9,
  hello: { pid: 12, ppid: 1, token: 't', threadId: 0, runtime: 'node 24', name: 'x', wallStartMs: 1, recordNs: 100 },
  definitions: [{ id: 0, component: 'c', name: 'n', kind: 'stage', file: '/a.ts', line: 3 }],
  operations: [
    {
      id: 0,
      count: 1,
      timed: 1,
      cpuNs: 2,
      errors: 1,
      totalNs: 5,
      selfNs: 4,
      minNs: 5,
      maxNs: 5,
      hits: 1,
      misses: 2,
      active: 1,
      buckets: [5, 1],
      errorTypes: { E: 1 },
    },
  ],
  samples: [{ id: 0, samples: 3, selfNs: 1, totalNs: 2 }],
  samplingNs: 1e6,
  counters: [{ component: 'c', name: 'files', delta: 2 }],
  gauges: [{ component: 'c', name: 'depth', value: -1, unit: '1' }],
  items: [{ component: 'c', name: 'a.ts', file: 'a.ts', parts: { parse: 1 }, counts: { calls: 2 } }],
  itemsOmitted: 1,
  spans: [{ id: 0, startNs: 1, durationNs: 5, error: 'E', attributes: { a: 'b', n: 1, t: true } }],
  spansOmitted: 4,
  resources: { rssBytes: 1, heapBytes: 1, peakRssBytes: 1, cpuNs: 1, eventLoopDelayP99Ns: 0 },
  cost: { events: 1, flushNs: 1 },
  bye: { reason: 'end', message: 'm' },
};

/** Returns the path of every leaf of a value. */
function leaves(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function withLeaf(path: readonly (string | number)[], leaf: unknown): unknown {
  const copy = structuredClone(batch) as unknown as Record<string | number, unknown>;
  let parent = copy;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  parent[path.at(-1) as string] = leaf;
  return copy;
}

describe('isBatch', () => {
  it('accepts a batch with every property, also after a JSON round trip', () => {
    assert.ok(isBatch(batch));
    assert.ok(isBatch(JSON.parse(JSON.stringify(batch))));
  });

  it('accepts the smallest batch', () => {
    assert.ok(isBatch({ v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 } }));
  });

  for (const path of leaves(batch)) {
    it(`rejects an object as ${path.join('.')}`, () => {
      assert.equal(isBatch(withLeaf(path, { wrong: [] })), false);
    });
  }

  const malformed: readonly [string, unknown][] = [
    ['an unknown version', { ...batch, v: 2 }],
    ['an infinite duration', withLeaf(['operations', 0, 'totalNs'], Number.POSITIVE_INFINITY)],
    ['a negative count', withLeaf(['operations', 0, 'count'], -1)],
    ['an incomplete pair of buckets', withLeaf(['operations', 0, 'buckets'], [5])],
    ['a name with a million characters', withLeaf(['definitions', 0, 'name'], 'x'.repeat(1e6))],
    ['more entries than allowed', { ...batch, spans: Array(maxBatchEntries + 1).fill(batch.spans?.[0]) }],
    ['an unknown kind', withLeaf(['definitions', 0, 'kind'], 'thing')],
  ];
  for (const [name, value] of malformed) {
    it(`rejects ${name}`, () => {
      assert.equal(isBatch(value), false);
    });
  }

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => typeof isBatch(value) === 'boolean'));
  });
});
