import { strict as assert } from 'node:assert';
import { SpanStatusCode } from '@opentelemetry/api';
import { defaultThresholds } from '../../../src/core/health.ts';
import { judge } from '../../../src/core/judge.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { decodeMetrics, decodeTraces } from '../../../src/node/otlp/decode.ts';
import { Translator } from '../../../src/node/otlp/translate.ts';
import { type Batch, isBatch } from '../../../src/protocol/event.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { metricsBody, type Plan, richMetrics, spansOf, startNs, traceBody } from './sender.ts';

const startMs = 1_700_000_000_123;

/** A recorder behind a translator, as in a run. */
class Host {
  readonly translator = new Translator();
  readonly batches: Batch[] = [];
  readonly recorder = new Recorder({ components: [], wallStartMs: startMs, placeOf: (file) => file });
  rejected = 0;

  spans(plans: readonly Plan[], atMs = startMs + 5000): this {
    return this.take(this.translator.traces(decodeTraces.json(traceBody(spansOf(plans), 'json')), atMs, () => 7));
  }

  traces(value: object): this {
    return this.take(this.translator.traces(decodeTraces.json(bufferOf(value)), startMs, () => 0));
  }

  metrics(value: object): this {
    return this.take(this.translator.metrics(decodeMetrics.json(bufferOf(value)), startMs, () => 0));
  }

  take({ batches, rejected }: ReturnType<Translator['traces']>): this {
    this.rejected += rejected;
    for (const batch of batches) {
      assert.ok(isBatch(JSON.parse(JSON.stringify(batch))), JSON.stringify(batch));
      this.batches.push(batch);
      this.recorder.take(batch, 1e9);
    }
    return this;
  }

  snapshot(): Snapshot {
    const run = { id: 'r', pipeline: 'otlp', title: 'O', workspace: '/w', startedAt: '', durationNs: 1e9 };
    const options = { thresholds: defaultThresholds, hostNs: 0, range: 'whole' } as const;
    return judge(this.recorder, { run: { ...run, result: 'success' }, ...options });
  }

  operation(name: string, component?: string) {
    return this.snapshot().operations.find(
      (one) => one.name === name && (component === undefined || one.component === component),
    );
  }

  component(name: string) {
    return this.snapshot().components.find((one) => one.name === name);
  }
}

function bufferOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** One resource with one span each; attributes as plain values. */
function tracesOf(
  ...spans: readonly { resource?: object; scope?: string; name?: string; attributes?: object }[]
): object {
  return {
    resourceSpans: spans.map(({ resource = {}, scope = 'lib', name = 'work', attributes = {} }) => ({
      resource: { attributes: attributesOf(resource) },
      scopeSpans: [
        {
          scope: { name: scope },
          spans: [
            {
              name,
              startTimeUnixNano: String(startNs),
              endTimeUnixNano: String(startNs + 100n),
              attributes: attributesOf(attributes),
            },
          ],
        },
      ],
    })),
  };
}

function attributesOf(values: object): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
  }));
}

/** One metric of the service `shop`. */
function metricsOf(...metrics: readonly object[]): object {
  return {
    resourceMetrics: [
      { resource: { attributes: attributesOf({ 'service.name': 'shop' }) }, scopeMetrics: [{ metrics }] },
    ],
  };
}

describe('spans as operations', () => {
  it('counts each, times each exactly, and names its errors and lookups', () => {
    const work: Plan[] = Array.from({ length: 100 }, (_, index) => [
      'work',
      BigInt(index),
      BigInt((index + 1) * 1_000_000),
      (span) => {
        span.setAttribute('cache.hit', index % 4 !== 0);
        if (index < 5) span.recordException(new RangeError('burst'));
        if (index < 7) span.setStatus({ code: SpanStatusCode.ERROR, message: 'it burst' });
        if (index === 6) span.setAttribute('error.type', '503');
      },
    ]);
    const host = new Host().spans(work);
    const operation = host.operation('work');
    assert.deepEqual(
      [operation?.component, operation?.count, operation?.errors, operation?.totalNs, operation?.source],
      ['shop', 100, 7, 5_050e6, 'measured'],
    );
    assert.deepEqual([operation?.minNs, operation?.maxNs], [1e6, 100e6]);
    assert.ok(Math.abs((operation?.p50Ns ?? 0) / 50e6 - 1) < 0.01);
    assert.deepEqual(operation?.errorTypes, { RangeError: 5, 'it burst': 1, '503': 1 });
    assert.deepEqual([operation?.cacheHits, operation?.cacheMisses], [75, 25]);
    assert.equal(host.snapshot().processes[0]?.pid, 4711);
    assert.equal(host.snapshot().overhead.flushNs, 7);
  });

  const places: readonly [string, object, object][] = [
    [
      'stable names',
      { 'code.function.name': 'f', 'code.file.path': '/w/a.ts', 'code.line.number': 3 },
      { kind: 'function', file: '/w/a.ts', line: 3 },
    ],
    [
      'older names',
      { 'code.function': 'f', 'code.namespace': 'n', 'code.filepath': '/w/a.py', 'code.lineno': 4 },
      { kind: 'function', file: '/w/a.py', line: 4 },
    ],
    ['a file as an address', { 'code.file.path': 'file:///w/a%20b.ts' }, { kind: 'function', file: '/w/a b.ts' }],
    ['an address of no file', { 'code.file.path': 'file://elsewhere/w' }, { kind: 'stage' }],
    ['a function without a file', { 'code.function.name': 'f', 'code.line.number': 3 }, { kind: 'function' }],
    ['line zero', { 'code.file.path': 'a.ts', 'code.line.number': 0 }, { kind: 'function', file: 'a.ts' }],
    ['a line that is text', { 'code.file.path': 'a.ts', 'code.line.number': 'x' }, { kind: 'function', file: 'a.ts' }],
    ['a path beyond all measure', { 'code.file.path': 'x'.repeat(5000) }, { kind: 'stage' }],
    ['a database', { 'db.system.name': 'postgresql' }, { kind: 'query' }],
    ['nothing', {}, { kind: 'stage' }],
  ];
  for (const [what, attributes, place] of places) {
    it(`takes the place from ${what}`, () => {
      const [definition] = new Host().traces(tracesOf({ attributes })).batches[0]?.definitions ?? [];
      assert.deepEqual(definition, { id: 0, component: 'lib', name: 'work', ...place });
    });
  }

  it('tells instances of services apart, and names a component by its service where it has a name', () => {
    const host = new Host().traces(
      tracesOf(
        { resource: { 'service.name': 'a', 'service.instance.id': 'x', 'process.pid': 1 } },
        { resource: { 'service.name': 'a', 'service.instance.id': 'y', 'process.pid': 1 } },
        { resource: { 'service.name': 'a', 'process.pid': 2 } },
        { resource: { 'service.name': 'a', 'process.pid': 2 } },
        { resource: { 'service.name': 'unknown_service:node' }, scope: 'http' },
        { scope: '' },
      ),
    );
    assert.deepEqual(
      host.batches.map(({ source }) => source),
      ['otlp:a:x', 'otlp:a:y', 'otlp:a:2', 'otlp:unknown:'],
    );
    assert.equal(host.operation('work', 'a')?.count, 4);
    assert.equal(host.operation('work', 'http')?.count, 1);
    assert.equal(host.operation('work', 'otlp')?.count, 1);
  });

  it('takes spans late and out of order: counts stay exact, and each stands at its time', () => {
    const host = new Host();
    host
      .spans([['late', 5_000_000_000n, 10n]])
      .spans([['early', -2_000_000_000n, 20n]])
      .spans([['middle', 0n, 30n]]);
    host.spans([['late', 6_000_000_000n, 10n]]);
    const { spans, operations, dropped } = host.snapshot();
    const offsetNs = 456_789;
    const stands = spans.map(({ name, startNs: atNs, durationNs }) => [name, Math.round(atNs - offsetNs), durationNs]);
    assert.deepEqual(stands, [
      ['early', -2e9, 20],
      ['middle', 0, 30],
      ['late', 5e9, 10],
      ['late', 6e9, 10],
    ]);
    assert.equal(
      operations.reduce((sum, { count }) => sum + count, 0),
      4,
    );
    assert.deepEqual(dropped, { spans: 0, items: 0, batches: 0 });
    assert.equal(host.batches.filter(({ hello }) => hello).length, 2);
    assert.ok(host.batches.every(({ spans: told = [] }) => told.every(({ startNs: atNs }) => atNs >= 0)));
  });

  it('keeps ids and plain attributes of a span for the timeline', () => {
    const host = new Host().spans([['work', 0n, 5n, (span) => span.setAttributes({ step: 7, list: ['x'] })]]);
    const [span] = host.snapshot().spans;
    const { trace_id: trace, span_id: id, parent_span_id: parent, ...rest } = span?.attributes ?? {};
    assert.match(`${trace} ${id} ${parent}`, /^[\da-f]{32} [\da-f]{16} [\da-f]{16}$/);
    assert.deepEqual(rest, { step: 7 });
  });

  it('counts errors beyond all types among others', () => {
    const plans: Plan[] = Array.from({ length: 50 }, (_, index) => [
      'work',
      0n,
      1n,
      (span) => span.setStatus({ code: SpanStatusCode.ERROR, message: `order ${index} is lost` }),
    ]);
    const { errors, errorTypes } = new Host().spans(plans).operation('work') ?? {};
    assert.equal(errors, 50);
    assert.equal(errorTypes?.['other'], 18);
    assert.equal(Object.keys(errorTypes ?? {}).length, 33);
  });

  it('keeps the slowest of many and counts the rest', () => {
    const many: Plan[] = Array.from({ length: 3000 }, (_, index) => ['work', 0n, BigInt((index * 7919) % 3000)]);
    const host = new Host().spans(many);
    const { spans, dropped } = host.snapshot();
    assert.equal(spans.length + dropped.spans, 3000);
    assert.equal(spans.length, 256);
    assert.equal(Math.min(...spans.map(({ durationNs }) => durationNs)), 3000 - 256);
    assert.equal(host.operation('work')?.count, 3000);
  });

  it('leaves out spans that tell no time, and says how many', () => {
    const times = [
      ['5', '4'],
      ['0', '7'],
      ['7', '0'],
      ['7', '7'],
    ];
    const spans = times.map(([start, end]) => ({ name: 'x', startTimeUnixNano: start, endTimeUnixNano: end }));
    const host = new Host().traces({ resourceSpans: [{ scopeSpans: [{ spans: [...spans, { name: 'x' }] }] }] });
    assert.equal(host.rejected, 4);
    assert.equal(host.operation('x')?.count, 1);
  });

  it('bounds what a sender makes it remember, and still counts everything', () => {
    const host = new Host();
    const names = Array.from({ length: 2500 }, (_, index) => ({ name: `${'n'.repeat(500)} ${index}` }));
    host.traces(tracesOf(...names));
    assert.equal(host.operation('n'.repeat(400))?.count, 2500);
    host.traces(tracesOf(...names.map((_, index) => ({ name: `name ${index}` }))));
    assert.equal(host.operation('other')?.count, 501);
    const instances = Array.from({ length: 300 }, (_, index) => ({ resource: { 'service.instance.id': `i${index}` } }));
    host.traces(tracesOf(...instances)).traces(tracesOf(...instances));
    assert.equal(host.operation('work')?.count, 600);
    const sources = new Set(host.batches.map(({ source }) => source));
    assert.equal(sources.size, 201);
    assert.ok(sources.has('otlp:others'));
  });
});

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
