import { strict as assert } from 'node:assert';
import { decodeMetrics } from '../../../../src/node/otlp/decode/decode.ts';
import { attributesOf, Host, metricsOf, startMs } from '../host.ts';
import { metricsBody, richMetrics } from '../sender.ts';

describe('metrics as counters, gauges and operations', () => {
  const point = (value: number, more: object = {}) => ({ asDouble: value, startTimeUnixNano: '5', ...more });
  const sum = (value: number, temporality: number, more: object = {}, isMonotonic = true) =>
    metricsOf({
      name: 'orders',
      sum: { aggregationTemporality: temporality, isMonotonic, dataPoints: [point(value, more)] },
    });

  it('takes what the SDK sends', async () => {
    const host = new Host();
    const body = metricsBody(await richMetrics(), 'protobuf');
    host.take(host.translator.metrics(decodeMetrics.protobuf(body), startMs, () => 0));
    assert.equal(host.rejected, 0);
    assert.deepEqual(host.component('shop')?.counters, { orders: 7, 'bytes (By)': 1.5 });
    assert.deepEqual(host.component('shop')?.gauges, {
      queue: { value: -3, unit: '1' },
      'load{cpu=1}': { value: 0.125, unit: 'ratio' },
    });
    const bounded = host.operation('bounded', 'shop metrics');
    assert.deepEqual([bounded?.count, bounded?.totalNs, bounded?.source], [6, 40_027.5e6, 'estimated']);
    assert.deepEqual([bounded?.minNs, bounded?.maxNs], [0, 40_000e6]);
    assert.ok((bounded?.p50Ns ?? 0) > 0 && (bounded?.p50Ns ?? 0) <= 10e6, `${bounded?.p50Ns}`);
    const exponential = host.operation('exponential', 'shop metrics');
    assert.deepEqual([exponential?.count, exponential?.maxNs], [6, 3600e9]);
    // The third of six values is 3 s; the layout of 160 buckets over five decades is some percents wide.
    assert.ok(Math.abs((exponential?.p50Ns ?? 0) / 3e9 - 1) < 0.1, `${exponential?.p50Ns}`);
  });

  it('adds deltas, and of running totals what is new; a fresh start counts from zero', () => {
    const host = new Host();
    const counted = () => host.component('shop')?.counters['orders'];
    host.metrics(sum(3, 1)).metrics(sum(4, 1));
    assert.equal(counted(), 7);
    host.metrics(sum(10, 2)).metrics(sum(10, 2)).metrics(sum(12, 2));
    assert.equal(counted(), 19);
    host.metrics(sum(2, 2));
    assert.equal(counted(), 21, 'a total that fell began anew');
    host.metrics(sum(5, 2, { startTimeUnixNano: '6' }));
    assert.equal(counted(), 26, 'another start is another total');
    const other = { attributes: attributesOf({ kind: 'b' }) };
    host.metrics(sum(100, 2, other)).metrics(sum(101, 2, other));
    assert.equal(counted(), 127, 'each set of attributes has its own total');
  });

  it('shows what goes up and down as a level', () => {
    const host = new Host().metrics(sum(5, 2, {}, false)).metrics(sum(2, 2, {}, false));
    assert.deepEqual(host.component('shop')?.gauges['orders'], { value: 2, unit: '1' });
    const deltas = new Host().metrics(sum(5, 1, {}, false)).metrics(sum(-2, 1, {}, false));
    assert.deepEqual(deltas.component('shop')?.gauges['orders'], { value: 3, unit: '1' });
  });

  it('leaves out points without a value, and totals that cannot be', () => {
    const host = new Host().metrics(sum(5, 1, { flags: 1 })).metrics(sum(-5, 1));
    host.metrics(sum(0, 1, { asDouble: 'NaN' }));
    assert.equal(host.rejected, 3);
    assert.deepEqual(host.component('shop')?.counters ?? {}, {});
  });

  const bounded = (bucketCounts: number[], more: object = {}, temporality = 2, unit = 'ms') =>
    metricsOf({
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

  it('places calls of a histogram within their bounds, and of running totals only what is new', () => {
    const host = new Host().metrics(bounded([0, 1000, 0], { sum: 15_000 }));
    const wait = () => host.operation('wait', 'shop metrics');
    assert.ok(Math.abs((wait()?.p50Ns ?? 0) / 15e6 - 1) < 0.02, 'interpolated within the bounds');
    assert.ok((wait()?.minNs ?? 0) > 10e6 && (wait()?.maxNs ?? 0) < 20e6);
    host.metrics(bounded([0, 1000, 0], { sum: 15_000 }));
    assert.deepEqual([wait()?.count, wait()?.totalNs], [1000, 15e9]);
    host.metrics(bounded([10, 1000, 5], { sum: 15_300, max: 44 }));
    assert.deepEqual([wait()?.count, wait()?.totalNs, wait()?.maxNs], [1015, 15.3e9, 44e6]);
    host.metrics(bounded([3, 0, 0], { sum: 6 }));
    assert.equal(wait()?.count, 1018, 'a histogram that fell began anew');
    host.metrics(bounded([1, 0, 0], {}, 1));
    assert.equal(wait()?.count, 1019);
    assert.equal(wait()?.timed, 0);
  });

  it('takes a histogram without buckets by its mean, and one of no durations as counters', () => {
    const host = new Host().metrics(bounded([], { count: '4', sum: 100, explicitBounds: [] }));
    const wait = host.operation('wait', 'shop metrics');
    assert.deepEqual([wait?.count, wait?.totalNs, wait?.maxNs], [4, 100e6, 25e6]);
    host.metrics(bounded([1, 2, 0], { sum: 50 }, 1, 'By'));
    assert.deepEqual(host.component('shop')?.counters, { 'wait.count': 3, 'wait.sum (By)': 50 });
  });

  it('leaves out histograms that contradict themselves', () => {
    const host = new Host();
    host.metrics(bounded([1, 2, 3], { count: '7' }));
    host.metrics(bounded([1, 2, 3], { explicitBounds: [10] }));
    host.metrics(bounded([1, 2, 3], { explicitBounds: [20, 10] }));
    host.metrics(bounded([1, -1, 3]));
    host.metrics(bounded([2 ** 52, 0, 0]));
    assert.equal(host.rejected, 5);
    assert.equal(host.operation('wait'), undefined);
  });

  it('follows powers whose scale grows coarser', () => {
    const powers = (scale: number, offset: number, bucketCounts: number[]) =>
      metricsOf({
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
    // Scale 1: 2^5 to 2^5.5 and 2^5.5 to 2^6. Scale 0 makes one of both.
    const host = new Host().metrics(powers(1, 10, [4, 6])).metrics(powers(0, 5, [10, 0, 3]));
    const wait = host.operation('wait', 'shop metrics');
    assert.equal(wait?.count, 13);
    assert.ok((wait?.minNs ?? 0) >= 32 && (wait?.maxNs ?? 0) <= 256);
    assert.ok((wait?.p99Ns ?? 0) > 128);
    assert.equal(host.metrics(powers(2, 20, [1])).operation('wait')?.count, 14, 'a finer scale began anew');
  });

  it('bounds the streams that it remembers', () => {
    const host = new Host();
    for (let index = 0; index < 2100; index++) host.metrics(sum(1, 2, { attributes: attributesOf({ index }) }));
    assert.equal(host.rejected, 100);
    assert.equal(host.component('shop')?.counters['orders'], 2000);
  });

  it('bounds the names that it remembers, and counts what has no room among others', () => {
    const host = new Host();
    const counters = Array.from({ length: 2100 }, (_, index) => ({
      name: `counter ${index}`,
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point(1)] },
    }));
    const { counters: counted = {} } = host.metrics(metricsOf(...counters)).component('shop') ?? {};
    assert.equal(Object.keys(counted).length, 2001);
    assert.equal(counted['other'], 100);
  });
});
