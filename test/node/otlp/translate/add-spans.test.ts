import { strict as assert } from 'node:assert';
import { SpanStatusCode } from '@opentelemetry/api';
import { Host, tracesOf } from '../host.ts';
import type { Plan } from '../sender.ts';

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
