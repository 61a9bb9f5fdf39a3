import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { resolutions, SeriesStore } from '../../../../src/core/record/series/series-store.ts';
import { metrics } from '../../../../src/core/snapshot/metrics.ts';

const second = 1e9;

function counted(store: SeriesStore, calls: number): void {
  const slot = store.slotOf({ kind: 'component', name: 'c' });
  if (slot) slot.count += calls;
}

function rateIn(store: SeriesStore, range: 'live' | 'whole') {
  const series = store.read(range)['operation.rate{c}'];
  assert.ok(series);
  return series;
}

describe('SeriesStore', () => {
  it('computes a rate over the time that a slot really covers', () => {
    const store = new SeriesStore();
    counted(store, 10);
    store.advance(0.25 * second);
    counted(store, 5);
    store.end(0.3 * second);
    const { values, stepNs, startNs } = rateIn(store, 'live');
    assert.deepEqual([stepNs, startNs], [0.25 * second, 0]);
    assert.equal(values[0], 40);
    assert.ok(Math.abs((values[1] ?? 0) - 100) < 1e-6);
  });

  it('has the same total as the counted calls at every resolution, however often it advances', () => {
    const ticks = fc.array(fc.record({ calls: fc.nat(50), waitMs: fc.integer({ min: 1, max: 20_000 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(ticks, (list) => {
        const store = new SeriesStore();
        let now = 0;
        let calls = 0;
        for (const tick of list) {
          counted(store, tick.calls);
          calls += tick.calls;
          now += tick.waitMs * 1e6;
          store.advance(now);
        }
        store.end(now);
        const { values, stepNs } = rateIn(store, 'whole');
        const sum = values.reduce<number>((total, rate, index) => {
          const widthNs = Math.min(stepNs, now - index * stepNs);
          return total + ((rate ?? 0) * widthNs) / second;
        }, 0);
        assert.ok(Math.abs(sum - calls) < 1e-6 * Math.max(1, calls), `${sum} instead of ${calls}`);
      }),
    );
  });

  const lengths: readonly [string, number, number][] = [
    ['a minute', 59, 0.25],
    ['four minutes', 240, 1],
    ['half an hour', 1800, 10],
    ['ten hours', 36_000, 60],
  ];
  for (const [duration, seconds, step] of lengths) {
    it(`covers ${duration} completely in steps of ${step} s`, () => {
      const store = new SeriesStore();
      for (let now = 0; now < seconds; now += 5) {
        counted(store, 5);
        store.advance((now + 5) * second);
      }
      const series = rateIn(store, 'whole');
      assert.equal(series.stepNs, step * second);
      assert.equal(series.startNs, 0);
      assert.ok(Math.abs(series.values.length * step - seconds) <= 60);
    });
  }

  it('keeps every ring bounded over days', () => {
    const store = new SeriesStore();
    for (let minute = 0; minute < 3 * 24 * 60; minute += 30) {
      counted(store, 1);
      store.advance(minute * 60 * second);
    }
    for (const range of ['live', 'whole'] as const) {
      const series = rateIn(store, range);
      assert.ok(series.values.length <= Math.max(...resolutions.map(({ slots }) => slots)));
      assert.ok(series.startNs > 0);
    }
  });

  it('has the same values whether it advances in steps or at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 1, max: 20_000 }), (gapMs, restMs) => {
        const stores = [new SeriesStore(), new SeriesStore()] as const;
        for (const [index, store] of stores.entries()) {
          counted(store, 7);
          for (let ms = 1000; index === 1 && ms < gapMs; ms += 250) store.advance(ms * 1e6);
          store.advance(gapMs * 1e6);
          counted(store, 3);
          store.end((gapMs + restMs) * 1e6);
        }
        for (const range of ['live', 'whole'] as const) assert.deepEqual(stores[0].read(range), stores[1].read(range));
      }),
      { numRuns: 50 },
    );
  });

  it('is not stopped by a clock that jumps ahead by years or back', () => {
    const store = new SeriesStore();
    for (let name = 0; name < 100; name++) store.slotOf({ kind: 'component', name: `${name}` });
    counted(store, 5);
    const startMs = performance.now();
    for (const now of [1, 20 * 365 * 86_400, 5, -100, Number.NaN]) store.advance(now * second);
    // Slot by slot, this would take hours.
    assert.ok(performance.now() - startMs < 5000);
    assert.equal(store.read('whole')['operation.rate{0}']?.values.length, 1440);
  });

  it('always has room for the series of the run, its unit and its processes', () => {
    const store = new SeriesStore();
    for (let name = 0; name < 500; name++) store.slotOf({ kind: 'counter', name: `${name}` });
    assert.ok(store.slotOf({ kind: 'component', name: 'c' }), 'counters do not use up the room of components');
    for (let name = 0; name < 500; name++) store.slotOf({ kind: 'component', name: `${name}` });
    for (const kind of ['run', 'unit', 'process'] as const) assert.ok(store.slotOf({ kind }), kind);
  });

  it('leaves a gap if a slot has no data', () => {
    const store = new SeriesStore();
    store.slotOf({ kind: 'component', name: 'c' })?.addBuckets([100, 1]);
    store.advance(0.5 * second);
    assert.deepEqual(store.read('live')['latency.p95{c}']?.values, [100, null]);
    assert.deepEqual(store.read('live')['cache.hitRatio{c}']?.values, [null, null]);
  });

  it('limits the number of scopes', () => {
    const store = new SeriesStore();
    const slots = Array.from({ length: 500 }, (_, name) => store.slotOf({ kind: 'counter', name: `${name}` }));
    assert.ok(slots[0] && !slots[499]);
  });
});

describe('metrics', () => {
  for (const metric of metrics) {
    it(`${metric.name} has a value only if there is data`, () => {
      const scope = { kind: metric.scopes[0] as (typeof metric.scopes)[number], name: 's' };
      const store = new SeriesStore();
      assert.ok(store.slotOf(scope));
      store.advance(0.25 * second);
      const slot = store.slotOf(scope);
      assert.ok(slot);
      Object.assign(slot, { count: 4, errors: 1, hits: 3, misses: 1, amount: 8 });
      slot.addBuckets([200, 4]);
      const levels = ['cpuRatio', 'rssBytes', 'eventLoopDelayNs', 'heapBytes', 'gcRatio', 'readBytes', 'writtenBytes'];
      for (const name of levels) slot.observe(name, 2);
      store.advance(0.5 * second);
      const [empty, full] = store.read('live')[`${metric.name}{s}`]?.values ?? [];
      assert.ok(empty === null || empty === 0);
      assert.ok(typeof full === 'number' && full > 0);
      assert.match(metric.help, /\.$/);
      assert.match(metric.name, /^[a-z]+\.[a-zA-Z0-9]+$/);
    });
  }

  it('have unique names', () => {
    assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length);
  });
});
