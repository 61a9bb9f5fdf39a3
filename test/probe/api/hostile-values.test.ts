/** Checks that no argument of a program makes the probe API throw or lose other records. */
import { strict as assert } from 'node:assert';
import * as api from '../../../src/probe/api/api.ts';
import { Probe } from '../../../src/probe/api/probe.ts';
import type { Transport } from '../../../src/probe/api/transport.ts';
import { type Batch, isBatch } from '../../../src/protocol/batch/batch.ts';
import { hostileValues } from '../hostile-values.ts';

/** The API without its types, as a program in JavaScript sees it. */
const untyped = api as unknown as Record<string, (...parameters: unknown[]) => unknown>;

function connectTo({ connect }: { readonly connect: (transport: Transport) => void }): Batch[] {
  const batches: Batch[] = [];
  const transport: Transport = {
    pressure: () => 'none',
    // What a socket would carry: fails for values that JSON cannot hold.
    send: (batch) => batches.push(JSON.parse(JSON.stringify(batch))) > 0,
    whenDrained: () => Promise.resolve(),
    close: () => undefined,
  };
  connect(transport);
  return batches;
}

function countOf(batches: readonly Batch[], name: string): number {
  const ids = batches.flatMap(({ definitions = [] }) => definitions.filter((definition) => definition.name === name));
  const deltas = batches.flatMap(({ operations = [] }) => operations);
  return deltas
    .filter(({ id }) => ids.some((definition) => definition.id === id))
    .reduce((sum, { count }) => sum + count, 0);
}

function droppedIn(batches: readonly Batch[]): number {
  return batches.reduce((sum, { dropped }) => sum + (dropped?.values ?? 0), 0);
}

type Use = (value: unknown) => unknown;

/** Every place where a value of the program reaches the API. `span` and `measured` return what their function returns. */
const uses: Readonly<Record<string, Use>> = {
  'the name of a span': (value) => untyped['span']?.(value, () => 1),
  'the function of a span': (value) => typeof value !== 'function' && untyped['span']?.('span', value),
  'the attributes of a span': (value) => untyped['span']?.('span', () => 1, value),
  'an attribute of a span': (value) => untyped['span']?.('span', () => 1, { value }),
  'the component of a span': (value) => untyped['span']?.(`in ${typeof value}`, () => 1, { component: value }),
  'the file of a span': (value) => untyped['span']?.(`file ${typeof value}`, () => 1, { file: value }),
  'the line of a span': (value) => untyped['span']?.(`line ${typeof value}`, () => 1, { line: value }),
  'the name of a call': (value) => untyped['record']?.(value, 5),
  'the duration of a call': (value) => untyped['record']?.('call', value),
  'the attributes of a call': (value) => untyped['record']?.('call', 5, value),
  'the error of a call': (value) => untyped['record']?.('call', 5, { error: value }),
  'the name of a cache': (value) => untyped['cache']?.(value),
  'the options of a cache': (value) => untyped['cache']?.('cache', value),
  'the hits of a cache': (value) => (untyped['cache']?.('cache') as { hit: Use } | undefined)?.hit(value),
  'the misses of a cache': (value) => (untyped['cache']?.('cache') as { miss: Use } | undefined)?.miss(value),
  'the name of a gauge': (value) => untyped['gauge']?.(value, 1),
  'the value of a gauge': (value) => untyped['gauge']?.('gauge', value),
  'the options of a gauge': (value) => untyped['gauge']?.('gauge', 1, value),
  'the unit of a gauge': (value) => untyped['gauge']?.('gauge', 1, { unit: value }),
  'the name of a counter': (value) => untyped['count']?.(value, 1),
  'the times of a counter': (value) => untyped['count']?.('counter', value),
  'the options of a counter': (value) => untyped['count']?.('counter', 1, value),
  'an item': (value) => untyped['item']?.(value),
  'the name of an item': (value) => untyped['item']?.({ component: 'c', name: value, parts: {}, counts: {} }),
  'the file of an item': (value) =>
    untyped['item']?.({ component: 'c', name: 'i', file: value, parts: {}, counts: {} }),
  'the parts of an item': (value) => untyped['item']?.({ component: 'c', name: 'i', parts: value, counts: {} }),
  'a part of an item': (value) => untyped['item']?.({ component: 'c', name: 'i', parts: { value }, counts: {} }),
  'the counts of an item': (value) => untyped['item']?.({ component: 'c', name: 'i', parts: {}, counts: value }),
  'a count of an item': (value) => untyped['item']?.({ component: 'c', name: 'i', parts: {}, counts: { value } }),
  'the function to measure': (value) => untyped['measured']?.('c', 'm', value),
  'the options of an operation': (value) => untyped['operation']?.('c', `o ${typeof value}`, value),
  'a duration on an operation': (value) => api.operation('c', 'direct').record(value as number),
  'an error on an operation': (value) => api.operation('c', 'direct').fail(value as string),
  'a validation': (value) => untyped['reportValidation']?.(value),
  'a listener': (value) => typeof value !== 'function' && untyped['onControl']?.(value),
  'an error that the function throws': (value) => {
    try {
      api.span('throws', () => {
        throw value;
      });
    } catch (error) {
      assert.ok(Object.is(error, value));
      return;
    }
    assert.fail('the error did not leave the span');
  },
  'a value that the function returns': (value) =>
    assert.ok(
      Object.is(
        api.span('returns', () => value),
        value,
      ),
    ),
};

describe('the probe API', () => {
  for (const [place, use] of Object.entries(uses)) {
    it(`keeps all other records with an odd value as ${place}`, async () => {
      const batches = connectTo(api);
      const names: string[] = [];
      for (const [what, value] of hostileValues()) {
        const name = `${place} beside ${what}`;
        names.push(name);
        api.record(name, 5);
        try {
          use(value);
        } catch (error) {
          assert.fail(`${what} as ${place}: ${(error as Error).stack}`);
        }
        api.record(name, 5);
      }
      await api.close();
      assert.ok(batches.length > 0);
      for (const batch of batches) assert.ok(isBatch(batch), JSON.stringify(batch).slice(0, 500));
      for (const name of names) assert.equal(countOf(batches, name), 2, name);
    });
  }

  it('counts each value that it leaves out', async () => {
    const batches = connectTo(api);
    const leave: (() => void)[] = [
      () => api.record('counted', Number.NaN),
      () => api.cache('counted').hit(0.5),
      () => api.cache('counted').miss(-1),
      () => api.count('counted', Number.POSITIVE_INFINITY),
      () => api.gauge('counted', Number.NaN),
      () => api.span('counted', () => 1, { text: 'x'.repeat(5000) }),
      () => untyped['record']?.('counted', 5n),
      () => untyped['record']?.(Symbol('name'), 5),
      () => untyped['item']?.({ component: 'c', name: 'i', parts: { a: -1 }, counts: {} }),
    ];
    for (const act of leave) act();
    await api.close();
    assert.equal(droppedIn(batches), leave.length);
    assert.equal(countOf(batches, '(unnamed)'), 1);
  });

  it('counts lookups and calls up to the largest exact number', async () => {
    const batches = connectTo(api);
    const lookups = api.cache('large');
    lookups.hit(Number.MAX_SAFE_INTEGER);
    lookups.hit(1);
    lookups.miss(-0);
    api.count('large', Number.MAX_SAFE_INTEGER);
    api.count('large', 1);
    await api.close();
    const delta = batches.flatMap(({ operations = [] }) => operations).find(({ hits }) => hits > 0);
    assert.equal(delta?.hits, Number.MAX_SAFE_INTEGER);
    assert.equal(batches.flatMap(({ counters = [] }) => counters)[0]?.delta, Number.MAX_SAFE_INTEGER);
    assert.equal(droppedIn(batches), 2);
  });

  it('keeps the attributes of waiting spans, items and names within a few megabytes', async () => {
    const batches = connectTo(api);
    const text = 'x'.repeat(4000);
    for (let index = 0; index < 3000; index++) {
      api.span(`bounded ${index}`, () => 1, { a: text, b: text, c: text });
      api.item({ component: 'c', name: `${index} ${text}`, file: text, parts: { [text]: 1, a: index }, counts: {} });
      api.count(`${index} ${text}`);
      api.gauge(`${index} ${text}`, 1);
      api.record(`${index} ${text}`, 1, { file: `/${text}` });
    }
    await api.close();
    const length = batches.reduce((sum, batch) => sum + JSON.stringify(batch).length, 0);
    assert.ok(length < 8e6, `${length}`);
    assert.ok(droppedIn(batches) > 1000);
    const calls = batches.flatMap(({ operations = [] }) => operations).reduce((sum, { count }) => sum + count, 0);
    assert.equal(calls, 6000);
  });

  it('counts operations beyond the limit together, and says so', async () => {
    const probe = new Probe('crowded');
    const batches = connectTo({ connect: (transport) => probe.connect(transport) });
    for (let index = 0; index < 100_000; index++) probe.record(probe.operation(`distinct ${index}`), 1);
    await probe.close();
    const deltas = batches.flatMap(({ operations = [] }) => operations);
    assert.equal(
      deltas.reduce((sum, { count }) => sum + count, 0),
      100_000,
    );
    assert.ok(deltas.length <= 2002);
    const notices = batches.flatMap((batch) => batch.notices ?? []);
    assert.equal(notices.filter((notice) => notice.includes('more than 2000 operations')).length, 1);
  });
});
