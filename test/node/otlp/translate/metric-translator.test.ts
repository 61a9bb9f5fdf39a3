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
    assert.deepEqual([exponential?.count, exponential?.maxNs], [6, 3600e9]);
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
    assert.deepEqual(host.findComponent('shop')?.gauges['orders'], { value: 2, unit: '1' });
    const deltas = new TranslatorHost().sendMetrics(sum(5, 1, {}, false)).sendMetrics(sum(-2, 1, {}, false));
    assert.deepEqual(deltas.findComponent('shop')?.gauges['orders'], { value: 3, unit: '1' });
  });

  it('rejects points without a value and negative increases', () => {
    const host = new TranslatorHost().sendMetrics(sum(5, 1, { flags: 1 })).sendMetrics(sum(-5, 1));
    host.sendMetrics(sum(0, 1, { asDouble: 'NaN' }));
    assert.equal(host.rejected, 3);
    assert.deepEqual(host.findComponent('shop')?.counters ?? {}, {});
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

  it('uses the mean of a histogram without buckets, and counters if its unit is not a time', () => {
    const host = new TranslatorHost().sendMetrics(bounded([], { count: '4', sum: 100, explicitBounds: [] }));
    const wait = host.findOperation('wait', 'shop metrics');
    assert.deepEqual([wait?.count, wait?.totalNs, wait?.maxNs], [4, 100e6, 25e6]);
    host.sendMetrics(bounded([1, 2, 0], { sum: 50 }, 1, 'By'));
    assert.deepEqual(host.findComponent('shop')?.counters, { 'wait.count': 3, 'wait.sum (By)': 50 });
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

  it('limits the number of cumulative streams', () => {
    const host = new TranslatorHost();
    for (let index = 0; index < 2100; index++) host.sendMetrics(sum(1, 2, { attributes: toAttributes({ index }) }));
    assert.equal(host.rejected, 100);
    assert.equal(host.findComponent('shop')?.counters['orders'], 2000);
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
