/** Floods a recorder with more than it keeps of each kind of data: its snapshots stay small, and the rest is counted. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { salvageBatch } from '../../../src/protocol/batch/salvage-batch.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';

const maxLiveLength = 6 * 1024 * 1024;
const maxWholeLength = 48 * 1024 * 1024;
const rounds = 10;
const perRound = 300;

const long = (name: unknown, length = 4000): string => `${name}`.padEnd(length, 'x');
const list = <T>(create: (index: number) => T): T[] => Array.from({ length: perRound }, (_, index) => create(index));
const values = (count: number, name: string): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [long(`${name}${index}`, 1000), index]));

interface Flood {
  readonly what: string;
  /** Returns the records of one batch. */
  readonly records: (round: number) => Record<string, unknown>;
  readonly isCounted: (snapshot: Snapshot) => boolean;
}

const delta = { count: 1, errors: 0, totalNs: 1, hits: 0, misses: 0 };
const definition = { id: 0, component: 'c', name: 'f', kind: 'function' };

const floods: readonly Flood[] = [
  {
    what: 'spans with large attributes',
    records: (round) => ({
      definitions: [definition],
      spans: list((index) => ({
        id: 0,
        startNs: index,
        durationNs: round * perRound + index,
        attributes: Object.fromEntries(Array.from({ length: 3 }, (_, name) => [`a${name}`, long(index, 5000)])),
      })),
    }),
    isCounted: ({ dropped, spans }) => dropped.spans === rounds * perRound - spans.length && dropped.values > perRound,
  },
  {
    what: 'spans of many megabytes',
    records: () => ({
      definitions: [definition],
      spans: [{ id: 0, startNs: 1, durationNs: 1, error: 'e', attributes: { a: 'x'.repeat(2e6), b: 'y'.repeat(2e6) } }],
    }),
    isCounted: ({ dropped, spans }) => spans.length === rounds && dropped.values >= rounds,
  },
  {
    what: 'items with large parts',
    records: (round) => ({
      items: list((index) => ({
        component: 'c',
        name: long(`${round} ${index}`),
        file: long(index),
        parts: values(6, 'p'),
        counts: values(6, 'n'),
      })),
    }),
    isCounted: ({ dropped, items }) => dropped.items === rounds * perRound - items.length && dropped.values > 0,
  },
  {
    what: 'an item with more and more parts',
    records: (round) => ({ items: [{ component: 'c', name: 'a', parts: values(90, `${round}`), counts: {} }] }),
    isCounted: ({ dropped }) => dropped.values > rounds * 80,
  },
  {
    what: 'counters with ever new names',
    records: (round) => ({
      counters: list((index) => ({ component: 'c', name: long(`${round} ${index}`), delta: 1 })),
    }),
    isCounted: ({ dropped, components }) =>
      dropped.values === rounds * perRound - Object.keys(components[0]?.counters ?? {}).length,
  },
  {
    what: 'gauges with ever new names and units',
    records: (round) => ({
      gauges: list((index) => ({
        component: `c${index}`,
        name: `${index % 9}`,
        value: 1,
        unit: long(`${round} ${index}`),
      })),
    }),
    isCounted: ({ dropped }) => dropped.values > rounds * perRound * 0.9,
  },
  {
    what: 'operations with long names',
    records: (round) => ({
      definitions: list((index) => ({
        ...definition,
        id: round * perRound + index,
        component: long(`${round} ${index}`),
        name: long(`${round} ${index}`),
        file: long(index),
      })),
      operations: list((index) => ({ ...delta, id: round * perRound + index, buckets: [index, 1] })),
    }),
    isCounted: ({ dropped, operationsOmitted, operations }) =>
      dropped.calls > 0 && operationsOmitted === rounds * perRound - operations.length,
  },
  {
    what: 'error types with ever new names',
    records: (round) => ({
      definitions: list((index) => ({ ...definition, id: index, name: `f${index}` })),
      operations: list((id) => ({ ...delta, id, errors: 1, buckets: [], errorTypes: { [long(`${round} ${id}`)]: 1 } })),
    }),
    isCounted: ({ operations }) => operations.every(({ errorTypes }) => sum(errorTypes) === rounds),
  },
  {
    what: 'operations with calls of all durations',
    records: (round) => ({
      definitions: list((index) => ({ ...definition, id: index, name: `f${round} ${index}` })),
      operations: list((id) => ({
        ...delta,
        id,
        count: 188,
        buckets: Array.from({ length: 188 }, (_, page) => [32 * page, 1]).flat(),
      })),
    }),
    isCounted: ({ dropped, components }) => dropped.values > 0 && components[0]?.count === rounds * perRound * 188,
  },
  {
    what: 'notices',
    records: (round) => ({ notices: Array.from({ length: 100 }, (_, index) => long(`${round} ${index}`)) }),
    isCounted: ({ notices, dropped }) => dropped.values === rounds * 100 - notices.length + 1,
  },
  {
    what: 'a validation with long names',
    records: (round) => ({
      validation: {
        passed: round,
        failed: 0,
        warned: 0,
        skipped: 0,
        checks: list((index) => ({ id: long(index), category: long(index), status: 'pass', durationNs: 1 })),
      },
    }),
    isCounted: ({ dropped, validation }) => dropped.values === rounds && !validation,
  },
  {
    what: 'processes with long names',
    records: (round) => ({
      source: `${round}.0`,
      sequence: 0,
      hello: { ...hello, name: long(round), runtime: long(round) },
    }),
    isCounted: ({ processes }) => processes.length === rounds,
  },
  {
    what: 'numbers of operations without an end',
    records: (round) => ({
      definitions: Array.from({ length: 20_000 }, (_, index) => ({ ...definition, id: round * 20_000 + index })),
      operations: [{ ...delta, id: round * 20_000 + 19_999, buckets: [] }],
      source: `${round % 3}.0`,
      sequence: Math.floor(round / 3),
    }),
    isCounted: ({ dropped, operations }) => sum(operations.map(({ count }) => count)) + dropped.calls === rounds,
  },
];

const hello = { pid: 1, threadId: 0, runtime: 'x', name: 'x', wallStartMs: 1, recordNs: 1 };

function sum(numbers: Readonly<Record<string, number>> | readonly number[]): number {
  return Object.values(numbers).reduce((total, value) => total + value, 0);
}

function snapshotOf(recorder: Recorder, range: 'live' | 'whole'): Snapshot {
  const run = {
    id: 'r',
    pipeline: 'p',
    title: 'P',
    workspace: '/w',
    startedAt: '',
    durationNs: 1e9,
    result: 'running',
  } as const;
  return buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range });
}

describe('memory of a recorder', () => {
  for (const { what, records, isCounted } of floods) {
    it(`is bounded for ${what}, and what is beyond is counted`, () => {
      const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
      for (let round = 0; round < rounds; round++) {
        const first = round === 0 ? { hello } : {};
        const batch = salvageBatch({
          v: 1,
          source: '1.0',
          sequence: round,
          atNs: 0,
          cost: { events: 0, flushNs: 0 },
          ...first,
          ...records(round),
        });
        assert.ok(batch);
        recorder.ingest(batch satisfies Batch, 1e8 * round);
      }
      const whole = snapshotOf(recorder, 'whole');
      const lengths = [JSON.stringify(snapshotOf(recorder, 'live')).length, JSON.stringify(whole).length] as const;
      assert.ok(lengths[0] <= maxLiveLength, `the live snapshot has ${lengths[0]} characters`);
      assert.ok(lengths[1] <= maxWholeLength, `the whole snapshot has ${lengths[1]} characters`);
      assert.ok(isCounted(whole), JSON.stringify([whole.dropped, whole.operationsOmitted]));
    });
  }
});

describe('numbers of a snapshot', () => {
  const batch = {
    atNs: 1,
    hello,
    definitions: [definition],
    operations: [
      {
        ...delta,
        id: 0,
        cpuNs: 1,
        selfNs: 1,
        minNs: 1,
        maxNs: 1,
        timed: 1,
        active: 1,
        buckets: [1, 1],
        errorTypes: { e: 1 },
      },
    ],
    samples: [{ id: 0, samples: 1, selfNs: 1, totalNs: 1 }],
    counters: [{ component: 'c', name: 'n', delta: 1 }],
    gauges: [{ component: 'c', name: 'n', value: 1, unit: '1' }],
    items: [{ component: 'c', name: 'a', parts: { a: 1, b: 1 }, counts: { c: 1 } }],
    itemsOmitted: 1,
    spans: [{ id: 0, startNs: 1, durationNs: 1, attributes: { a: 1 } }],
    spansOmitted: 1,
    resources: { rssBytes: 1, heapBytes: 1, peakRssBytes: 1, cpuNs: 1, eventLoopDelayP99Ns: 1, gcNs: 1 },
    dropped: { calls: 1, values: 1 },
    cost: { events: 1, flushNs: 1 },
  };

  for (const [what, number] of [
    ['the largest number', Number.MAX_VALUE],
    ['the largest integer', Number.MAX_SAFE_INTEGER],
  ] as const) {
    it(`are finite, even if a guest sends ${what} everywhere`, () => {
      const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
      const large = JSON.parse(JSON.stringify(batch), (key, value: unknown) =>
        typeof value === 'number' && !['id', 'line', 'threadId'].includes(key) ? number : value,
      );
      // The sums exceed what a number can hold.
      for (const [sequence, value] of [batch, large, large, large].entries()) {
        for (const source of ['1.0', '2.0']) {
          const received = salvageBatch({ v: 1, source, ...value, sequence });
          assert.ok(received);
          recorder.ingest(received, (sequence + 1) * 1e9);
        }
      }
      for (const range of ['live', 'whole'] as const) {
        const snapshot = snapshotOf(recorder, range);
        assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
      }
    });
  }
});
