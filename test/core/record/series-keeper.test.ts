import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { resolutions, SeriesKeeper } from '../../../src/core/record/series-keeper.ts';
import { metrics } from '../../../src/core/snapshot/metrics.ts';

const second = 1e9;

function counted(keeper: SeriesKeeper, calls: number): void {
  const slot = keeper.at({ kind: 'component', name: 'c' });
  if (slot) slot.count += calls;
}

function rateIn(keeper: SeriesKeeper, range: 'live' | 'whole') {
  const series = keeper.read(range)['operation.rate{c}'];
  assert.ok(series);
  return series;
}

describe('series', () => {
  it('tells a rate over the time that a slot really covers', () => {
    const keeper = new SeriesKeeper();
    counted(keeper, 10);
    keeper.advance(0.25 * second);
    counted(keeper, 5);
    keeper.end(0.3 * second);
    const { values, stepNs, startNs } = rateIn(keeper, 'live');
    assert.deepEqual([stepNs, startNs], [0.25 * second, 0]);
    assert.equal(values[0], 40);
    assert.ok(Math.abs((values[1] ?? 0) - 100) < 1e-6);
  });

  it('adds up to what was counted, at every resolution, however the beats fall', () => {
    const beats = fc.array(fc.record({ calls: fc.nat(50), waitMs: fc.integer({ min: 1, max: 20_000 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(beats, (list) => {
        const keeper = new SeriesKeeper();
        let now = 0;
        let calls = 0;
        for (const beat of list) {
          counted(keeper, beat.calls);
          calls += beat.calls;
          now += beat.waitMs * 1e6;
          keeper.advance(now);
        }
        keeper.end(now);
        const { values, stepNs } = rateIn(keeper, 'whole');
        const sum = values.reduce<number>((total, rate, index) => {
          const widthNs = Math.min(stepNs, now - index * stepNs);
          return total + ((rate ?? 0) * widthNs) / second;
        }, 0);
        assert.ok(Math.abs(sum - calls) < 1e-6 * Math.max(1, calls), `${sum} for ${calls}`);
      }),
    );
  });

  const lengths: readonly [string, number, number][] = [
    ['a minute', 59, 0.25],
    ['four minutes', 240, 1],
    ['half an hour', 1800, 10],
    ['ten hours', 36_000, 60],
  ];
  for (const [what, seconds, step] of lengths) {
    it(`shows the whole of ${what} in steps of ${step} s`, () => {
      const keeper = new SeriesKeeper();
      for (let now = 0; now < seconds; now += 5) {
        counted(keeper, 5);
        keeper.advance((now + 5) * second);
      }
      const series = rateIn(keeper, 'whole');
      assert.equal(series.stepNs, step * second);
      assert.equal(series.startNs, 0);
      assert.ok(Math.abs(series.values.length * step - seconds) <= 60);
    });
  }

  it('keeps every ring bounded over days', () => {
    const keeper = new SeriesKeeper();
    for (let minute = 0; minute < 3 * 24 * 60; minute += 30) {
      counted(keeper, 1);
      keeper.advance(minute * 60 * second);
    }
    for (const range of ['live', 'whole'] as const) {
      const series = rateIn(keeper, range);
      assert.ok(series.values.length <= Math.max(...resolutions.map(({ slots }) => slots)));
      assert.ok(series.startNs > 0);
    }
  });

  it('leaves a gap where there was nothing to tell', () => {
    const keeper = new SeriesKeeper();
    keeper.at({ kind: 'component', name: 'c' })?.addBuckets([100, 1]);
    keeper.advance(0.5 * second);
    assert.deepEqual(keeper.read('live')['latency.p95{c}']?.values, [100, null]);
    assert.deepEqual(keeper.read('live')['cache.hitRatio{c}']?.values, [null, null]);
  });

  it('keeps no more scopes than it has room for', () => {
    const keeper = new SeriesKeeper();
    const kept = Array.from({ length: 500 }, (_, name) => keeper.at({ kind: 'counter', name: `${name}` }));
    assert.ok(kept[0] && !kept[499]);
  });
});

describe('metrics', () => {
  for (const metric of metrics) {
    it(`${metric.name} tells something when there is data, and nothing it does not know`, () => {
      const scope = { kind: metric.scopes[0] as (typeof metric.scopes)[number], name: 's' };
      const keeper = new SeriesKeeper();
      assert.ok(keeper.at(scope));
      keeper.advance(0.25 * second);
      const slot = keeper.at(scope);
      assert.ok(slot);
      Object.assign(slot, { count: 4, errors: 1, hits: 3, misses: 1, amount: 8 });
      slot.addBuckets([200, 4]);
      const levels = ['cpuRatio', 'rssBytes', 'eventLoopDelayNs', 'heapBytes', 'gcRatio', 'readBytes', 'writtenBytes'];
      for (const name of levels) slot.observe(name, 2);
      keeper.advance(0.5 * second);
      const [empty, full] = keeper.read('live')[`${metric.name}{s}`]?.values ?? [];
      assert.ok(empty === null || empty === 0);
      assert.ok(typeof full === 'number' && full > 0);
      assert.match(metric.help, /\.$/);
      assert.match(metric.name, /^[a-z]+\.[a-zA-Z0-9]+$/);
    });
  }

  it('are named once each', () => {
    assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length);
  });
});
