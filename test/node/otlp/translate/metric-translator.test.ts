import { strict as assert } from 'node:assert';
import { decodeMetrics } from '../../../../src/node/otlp/decode/decode.ts';
import { buildMetrics, startMs, TranslatorHost, toAttributes } from '../host.ts';
import { encodeMetrics, richMetrics } from '../sender.ts';

describe('MetricTranslator', () => {
  const point = (value: number, more: object = {}) => ({ asDouble: value, startTimeUnixNano: '5', ...more });
  const sum = (value: number, temporality: number, more: object = {}, isMonotonic = true) =>
    buildMetrics({
      name: 'orders',
      sum: { aggregationTemporality: temporality, isMonotonic, dataPoints: [point(value, more)] },
    });

  it('translates every kind of metric that the SDK sends', async () => {
    const host = new TranslatorHost();
    const body = encodeMetrics(await richMetrics(), 'protobuf');
    host.ingest(host.translator.translateMetrics(decodeMetrics.protobuf(body), startMs, () => 0));
    assert.equal(host.rejected, 0);
    assert.deepEqual(host.findComponent('shop')?.counters, { orders: 7, 'bytes (By)': 1.5 });
    assert.deepEqual(host.findComponent('shop')?.gauges, {
      queue: { value: -3, unit: '1' },
      'load{cpu=1}': { value: 0.125, unit: 'ratio' },
    });
    const bounded = host.findOperation('bounded', 'shop metrics');
    assert.deepEqual([bounded?.count, bounded?.totalNs, bounded?.source], [6, 40_027.5e6, 'estimated']);
    assert.deepEqual([bounded?.minNs, bounded?.maxNs], [0, 40_000e6]);
    assert.ok((bounded?.p50Ns ?? 0) > 0 && (bounded?.p50Ns ?? 0) <= 10e6, `${bounded?.p50Ns}`);
    const exponential = host.findOperation('exponential', 'shop metrics');
    assert.deepEqual([exponential?.count, exponential?.maxNs], [6, 40_000e9]);
    // The third of six values is 3 s. A layout of 160 buckets over five decades has an error of a few percent.
    assert.ok(Math.abs((exponential?.p50Ns ?? 0) / 3e9 - 1) < 0.1, `${exponential?.p50Ns}`);
  });

  it('adds deltas and the increase of cumulative sums, from zero after a reset', () => {
    const host = new TranslatorHost();
    const orders = () => host.findComponent('shop')?.counters['orders'];
    host.sendMetrics(sum(3, 1)).sendMetrics(sum(4, 1));
    assert.equal(orders(), 7);
    host.sendMetrics(sum(10, 2)).sendMetrics(sum(10, 2)).sendMetrics(sum(12, 2));
    assert.equal(orders(), 19);
    host.sendMetrics(sum(2, 2));
    assert.equal(orders(), 21, 'a decrease is a reset');
    host.sendMetrics(sum(5, 2, { startTimeUnixNano: '6' }));
    assert.equal(orders(), 26, 'a new start time is a reset');
    const other = { attributes: toAttributes({ kind: 'b' }) };
    host.sendMetrics(sum(100, 2, other)).sendMetrics(sum(101, 2, other));
    assert.equal(orders(), 127, 'each set of attributes is a separate stream');
  });

  it('shows non-monotonic sums as gauges', () => {
    const host = new TranslatorHost().sendMetrics(sum(5, 2, {}, false)).sendMetrics(sum(2, 2, {}, false));
    assert.deepEqual(host.findComponent('shop')?.gauges['orders'], { value: 2, peak: 5, unit: '1' });
    const deltas = new TranslatorHost().sendMetrics(sum(5, 1, {}, false)).sendMetrics(sum(-2, 1, {}, false));
    assert.deepEqual(deltas.findComponent('shop')?.gauges['orders'], { value: 3, peak: 5, unit: '1' });
  });

  it('rejects points without a value and negative increases, counts them and says why', () => {
    const host = new TranslatorHost().sendMetrics(sum(-5, 1)).sendMetrics(sum(-6, 1));
    host.sendMetrics(sum(0, 1, { asDouble: 'NaN' }));
    assert.equal(host.rejected, 3);
    assert.deepEqual(host.findComponent('shop')?.counters ?? {}, {});
    assert.equal(host.snapshot().dropped.values, 3);
    assert.deepEqual(
      host.batches.flatMap(({ notices = [] }) => notices),
      [
        'OpenTelemetry (shop): The metric “orders” is a sum that can only increase, but has negative increases.',
        'OpenTelemetry (shop): The metric “orders” has points without a finite value.',
      ],
    );
  });

  it('ignores points that mark the end of a stream', () => {
    const host = new TranslatorHost().sendMetrics(sum(5, 1)).sendMetrics(sum(7, 1, { flags: 1 }));
    assert.equal(host.rejected, 0);
    assert.equal(host.findComponent('shop')?.counters['orders'], 5);
  });

  it('says that it does not support a kind of metric', () => {
    const host = new TranslatorHost().sendMetrics(buildMetrics({ name: 'odd', futureKind: {} }));
    assert.equal(host.rejected, 1);
    assert.match(host.batches[0]?.notices?.join() ?? '', /“odd” has a type that is not supported/);
  });

  it('ignores a cumulative value that arrives after a newer one', () => {
    const host = new TranslatorHost();
    for (const [value, timeUnixNano] of [
      [10, '100'],
      [30, '300'],
      [20, '200'],
      [35, '350'],
    ] as const)
      host.sendMetrics(sum(value, 2, { timeUnixNano }));
    assert.equal(host.findComponent('shop')?.counters['orders'], 35);
  });

  const scoped = (values: Readonly<Record<string, object>>) => ({
    resourceMetrics: [
      {
        resource: { attributes: toAttributes({ 'service.name': 'shop' }) },
        scopeMetrics: Object.entries(values).map(([scope, metric]) => {
          const [name, version] = scope.split('@');
          return { scope: { name, version }, metrics: [metric] };
        }),
      },
    ],
  });
  const requests = (value: number) => ({
    name: 'requests',
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point(value)] },
  });

  it('tells cumulative streams of two scopes and of two versions of a scope apart', () => {
    const host = new TranslatorHost();
    for (const times of [10, 12])
      host.sendMetrics(scoped({ 'lib@1': requests(times), 'lib@2': requests(10 * times), 'db@1': requests(1) }));
    assert.equal(host.findComponent('shop')?.counters['requests'], 12 + 120 + 1);
  });

  it('tells streams apart by arrays, types and separators in their attributes', () => {
    const host = new TranslatorHost();
    const list = (...texts: string[]) => ({
      key: 'a',
      value: { arrayValue: { values: texts.map((stringValue) => ({ stringValue })) } },
    });
    const variants = [
      [list('x')],
      [list('x', 'y')],
      toAttributes({ a: '1' }),
      toAttributes({ a: 1 }),
      toAttributes({ a: '1,b=2' }),
      toAttributes({ a: '1', b: '2' }),
      [{ key: 'a', value: { stringValue: `${'long'.repeat(5000)} 1` } }],
      [{ key: 'a', value: { stringValue: `${'long'.repeat(5000)} 2` } }],
    ];
    for (const value of [100, 101]) for (const attributes of variants) host.sendMetrics(sum(value, 2, { attributes }));
    assert.equal(host.findComponent('shop')?.counters['orders'], variants.length * 101);
    host.sendMetrics(sum(102, 2, { attributes: [...(variants[5] ?? [])].reverse() }));
    assert.equal(
      host.findComponent('shop')?.counters['orders'],
      variants.length * 101 + 1,
      'the order does not matter',
    );
  });

  it('shows the scope of a gauge whose name another scope uses', () => {
    const queue = (value: number) => ({ name: 'queue', gauge: { dataPoints: [point(value)] } });
    const host = new TranslatorHost().sendMetrics(scoped({ a: queue(1), b: queue(2) }));
    host.sendMetrics(scoped({ b: queue(3) }));
    const values = Object.entries(host.findComponent('shop')?.gauges ?? {}).map(([name, { value }]) => [name, value]);
    assert.deepEqual(values, [
      ['queue', 1],
      ['queue [b]', 3],
    ]);
  });

  const bounded = (bucketCounts: number[], more: object = {}, temporality = 2, unit = 'ms') =>
    buildMetrics({
      name: 'wait',
      unit,
      histogram: {
        aggregationTemporality: temporality,
        dataPoints: [
          {
            startTimeUnixNano: '5',
            count: String(bucketCounts.reduce((total, count) => total + count, 0)),
            explicitBounds: [10, 20],
            bucketCounts: bucketCounts.map(String),
            ...more,
          },
        ],
      },
    });

  it('interpolates within histogram buckets and adds only the increase of cumulative ones', () => {
    const host = new TranslatorHost().sendMetrics(bounded([0, 1000, 0], { sum: 15_000 }));
    const wait = () => host.findOperation('wait', 'shop metrics');
    assert.ok(Math.abs((wait()?.p50Ns ?? 0) / 15e6 - 1) < 0.02, 'the median is interpolated within the bucket');
    assert.ok((wait()?.minNs ?? 0) > 10e6 && (wait()?.maxNs ?? 0) < 20e6);
    host.sendMetrics(bounded([0, 1000, 0], { sum: 15_000 }));
    assert.deepEqual([wait()?.count, wait()?.totalNs], [1000, 15e9]);
    host.sendMetrics(bounded([10, 1000, 5], { sum: 15_300, max: 44 }));
    assert.deepEqual([wait()?.count, wait()?.totalNs, wait()?.maxNs], [1015, 15.3e9, 44e6]);
    host.sendMetrics(bounded([3, 0, 0], { sum: 6 }));
    assert.equal(wait()?.count, 1018, 'a decrease is a reset');
    host.sendMetrics(bounded([1, 0, 0], {}, 1));
    assert.equal(wait()?.count, 1019);
    assert.equal(wait()?.timed, 0);
  });

  for (const [what, bucketCounts] of [
    ['without buckets', []],
    ['with one bucket for all calls', [4]],
  ] as const) {
    it(`knows only the number and total of calls of a histogram ${what}`, () => {
      const more = { count: '4', sum: 100, explicitBounds: [], bucketCounts: bucketCounts.map(String) };
      const host = new TranslatorHost().sendMetrics(bounded([], more));
      const { count, totalNs, p50Ns, maxNs, source } = host.findOperation('wait', 'shop metrics') ?? {};
      assert.deepEqual([count, totalNs, p50Ns, maxNs, source], [4, 100e6, undefined, undefined, 'estimated']);
      host.sendMetrics(bounded([], { ...more, count: '6', sum: 130, bucketCounts: bucketCounts.map(() => '6') }));
      assert.deepEqual(host.findOperation('wait')?.count, 6);
    });
  }

  it('shows a histogram whose unit is not a time as counters', () => {
    const host = new TranslatorHost().sendMetrics(bounded([1, 2, 0], { sum: 50 }, 1, 'By'));
    assert.deepEqual(host.findComponent('shop')?.counters, { 'wait.count': 3, 'wait.sum (By)': 50 });
  });

  it('shows the sum of a histogram with negative values as a gauge', () => {
    const host = new TranslatorHost();
    for (const sum of [-50, 20]) host.sendMetrics(bounded([1, 2, 0], { sum }, 1, 'Cel'));
    assert.equal(host.rejected, 0);
    assert.deepEqual(host.findComponent('shop')?.counters, { 'wait.count': 6 });
    assert.deepEqual(host.findComponent('shop')?.gauges, { 'wait.sum (Cel)': { value: -30, unit: '1' } });
  });

  const summary = (count: number, sum: number, unit = 'milliseconds') =>
    buildMetrics({
      name: 'requests',
      unit,
      summary: {
        dataPoints: [
          {
            startTimeUnixNano: '5',
            count: String(count),
            sum,
            quantileValues: [
              { quantile: 0.5, value: 20 },
              { quantile: 0.99, value: 90 },
              { quantile: 1, value: 'NaN' },
            ],
          },
        ],
      },
    });

  it('records a summary of durations as calls with their total, and its quantiles as gauges', () => {
    const host = new TranslatorHost().sendMetrics(summary(4, 100)).sendMetrics(summary(5, 140));
    const { count, totalNs, p50Ns } = host.findOperation('requests', 'shop metrics') ?? {};
    assert.deepEqual([count, totalNs, p50Ns], [5, 140e6, undefined]);
    assert.deepEqual(host.findComponent('shop')?.gauges, {
      'requests{quantile=0.5}': { value: 20e6, unit: 'ns' },
      'requests{quantile=0.99}': { value: 90e6, unit: 'ns' },
    });
    const sizes = new TranslatorHost().sendMetrics(summary(4, 100, 'bytes'));
    assert.deepEqual(sizes.findComponent('shop')?.counters, { 'requests.count': 4, 'requests.sum (bytes)': 100 });
  });

  it('accepts the names of enum values in JSON', () => {
    const named = (name: string) =>
      buildMetrics({
        name: 'orders',
        sum: { aggregationTemporality: name, isMonotonic: true, dataPoints: [point(3)] },
      });
    const delta = named('AGGREGATION_TEMPORALITY_DELTA');
    assert.equal(
      new TranslatorHost().sendMetrics(delta).sendMetrics(delta).findComponent('shop')?.counters['orders'],
      6,
    );
    const total = named('AGGREGATION_TEMPORALITY_CUMULATIVE');
    assert.equal(
      new TranslatorHost().sendMetrics(total).sendMetrics(total).findComponent('shop')?.counters['orders'],
      3,
    );
    assert.throws(() => new TranslatorHost().sendMetrics(named('toString')), /aggregationTemporality/);
  });

  it('rejects inconsistent histograms', () => {
    const host = new TranslatorHost();
    host.sendMetrics(bounded([1, 2, 3], { count: '7' }));
    host.sendMetrics(bounded([1, 2, 3], { explicitBounds: [10] }));
    host.sendMetrics(bounded([1, 2, 3], { explicitBounds: [20, 10] }));
    host.sendMetrics(bounded([1, -1, 3]));
    host.sendMetrics(bounded([2 ** 52, 0, 0]));
    assert.equal(host.rejected, 5);
    assert.equal(host.findOperation('wait'), undefined);
  });

  it('continues an exponential histogram whose scale becomes coarser', () => {
    const exponential = (scale: number, offset: number, bucketCounts: number[]) =>
      buildMetrics({
        name: 'wait',
        unit: 'ns',
        exponentialHistogram: {
          aggregationTemporality: 2,
          dataPoints: [
            {
              startTimeUnixNano: '5',
              count: bucketCounts.reduce((total, count) => total + count, 0),
              scale,
              positive: { offset, bucketCounts },
            },
          ],
        },
      });
    // At scale 1, the buckets are 2^5 to 2^5.5 and 2^5.5 to 2^6. Scale 0 merges them.
    const host = new TranslatorHost()
      .sendMetrics(exponential(1, 10, [4, 6]))
      .sendMetrics(exponential(0, 5, [10, 0, 3]));
    const wait = host.findOperation('wait', 'shop metrics');
    assert.equal(wait?.count, 13);
    assert.ok((wait?.minNs ?? 0) >= 32 && (wait?.maxNs ?? 0) <= 256);
    assert.ok((wait?.p99Ns ?? 0) > 128);
    assert.equal(
      host.sendMetrics(exponential(2, 20, [1])).findOperation('wait')?.count,
      14,
      'a finer scale is a reset',
    );
  });

  it('counts the values of negative exponential buckets', () => {
    const temperature = (unit: string) =>
      buildMetrics({
        name: 'temperature',
        unit,
        exponentialHistogram: {
          aggregationTemporality: 1,
          dataPoints: [
            {
              count: '7',
              sum: 9,
              scale: 2,
              zeroCount: '1',
              positive: { offset: 0, bucketCounts: ['2', '3'] },
              negative: { offset: 0, bucketCounts: ['1'] },
            },
          ],
        },
      });
    const host = new TranslatorHost().sendMetrics(temperature('Cel'));
    assert.equal(host.rejected, 0);
    assert.deepEqual(host.findComponent('shop')?.counters, { 'temperature.count': 7, 'temperature.sum (Cel)': 9 });
    const durations = new TranslatorHost().sendMetrics(temperature('ms')).findOperation('temperature');
    assert.deepEqual([durations?.count, durations?.minNs], [7, 0], 'no duration is negative');
  });

  it('limits the streams of all services together and counts the points of others', () => {
    const host = new TranslatorHost();
    const services = ['a', 'b', 'c'].map((service) => ({
      resource: { attributes: toAttributes({ 'service.name': service }) },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'orders',
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: Array.from({ length: 7000 }, (_, index) =>
                  point(1, { attributes: toAttributes({ index }) }),
                ),
              },
            },
          ],
        },
      ],
    }));
    host.sendMetrics({ resourceMetrics: services });
    assert.equal(host.rejected, 1000);
    assert.equal(host.snapshot().dropped.values, 1000);
    assert.equal(host.findComponent('c')?.counters['orders'], 6000);
    assert.match(host.batches.at(-1)?.notices?.join() ?? '', /more sets of attributes than can be kept/);
    host.sendMetrics(sum(4, 1));
    assert.equal(host.findComponent('shop')?.counters['orders'], 4, 'increments need no stream');
  });

  it('limits the histogram buckets of all streams together', () => {
    const host = new TranslatorHost();
    const bounds = Array.from({ length: 4999 }, (_, index) => index);
    const counts = bounds.map(() => '1').concat('1');
    for (let index = 0; index < 205; index++) {
      const attributes = toAttributes({ index });
      host.sendMetrics(bounded([], { count: '5000', explicitBounds: bounds, bucketCounts: counts, attributes }));
    }
    assert.equal(host.rejected, 5);
    assert.equal(host.findOperation('wait')?.count, 200 * 5000);
  });

  it('limits the number of names and merges further counters as other', () => {
    const host = new TranslatorHost();
    const counters = Array.from({ length: 2100 }, (_, index) => ({
      name: `counter ${index}`,
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point(1)] },
    }));
    const { counters: counts = {} } = host.sendMetrics(buildMetrics(...counters)).findComponent('shop') ?? {};
    assert.equal(Object.keys(counts).length, 2001);
    assert.equal(counts['other'], 100);
  });
});
