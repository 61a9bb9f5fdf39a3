import { strict as assert } from 'node:assert';
import { SpanStatusCode } from '@opentelemetry/api';
import { buildTraces, TranslatorHost } from '../host.ts';
import { type SpanPlan, startNs } from '../sender.ts';

describe('addSpans', () => {
  it('records the exact count, durations, errors and cache lookups', () => {
    const plans: SpanPlan[] = Array.from({ length: 100 }, (_, index) => [
      'work',
      BigInt(index),
      BigInt((index + 1) * 1_000_000),
      (span) => {
        span.setAttribute('cache.hit', index % 4 !== 0);
        if (index < 5) span.recordException(new RangeError('overflow'));
        if (index < 7) span.setStatus({ code: SpanStatusCode.ERROR, message: 'buffer overflow' });
        if (index === 6) span.setAttribute('error.type', '503');
      },
    ]);
    const host = new TranslatorHost().sendSpans(plans);
    const operation = host.findOperation('work');
    assert.deepEqual(
      [operation?.component, operation?.count, operation?.errors, operation?.totalNs, operation?.source],
      ['shop', 100, 7, 5_050e6, 'measured'],
    );
    assert.deepEqual([operation?.minNs, operation?.maxNs], [1e6, 100e6]);
    assert.ok(Math.abs((operation?.p50Ns ?? 0) / 50e6 - 1) < 0.01);
    assert.deepEqual(operation?.errorTypes, { RangeError: 5, 'buffer overflow': 1, '503': 1 });
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
    ['a file URL', { 'code.file.path': 'file:///w/a%20b.ts' }, { kind: 'function', file: '/w/a b.ts' }],
    ['a file URL with a host', { 'code.file.path': 'file://elsewhere/w' }, { kind: 'stage' }],
    ['a function without a file', { 'code.function.name': 'f', 'code.line.number': 3 }, { kind: 'function' }],
    ['line zero', { 'code.file.path': 'a.ts', 'code.line.number': 0 }, { kind: 'function', file: 'a.ts' }],
    [
      'a line that is a string',
      { 'code.file.path': 'a.ts', 'code.line.number': 'x' },
      { kind: 'function', file: 'a.ts' },
    ],
    ['a path that is too long', { 'code.file.path': 'x'.repeat(5000) }, { kind: 'stage' }],
    ['a database', { 'db.system.name': 'postgresql' }, { kind: 'query' }],
    ['no attributes', {}, { kind: 'stage' }],
  ];
  for (const [what, attributes, details] of places) {
    it(`derives kind and source location from ${what}`, () => {
      const [definition] = new TranslatorHost().sendTraces(buildTraces({ attributes })).batches[0]?.definitions ?? [];
      assert.deepEqual(definition, { id: 0, component: 'lib', name: 'work', ...details });
    });
  }

  it('separates service instances and names components after the service if it has a name', () => {
    const host = new TranslatorHost().sendTraces(
      buildTraces(
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
    assert.equal(host.findOperation('work', 'a')?.count, 4);
    assert.equal(host.findOperation('work', 'http')?.count, 1);
    assert.equal(host.findOperation('work', 'otlp')?.count, 1);
  });

  it('accepts late and unordered spans with exact counts and times', () => {
    const host = new TranslatorHost();
    host
      .sendSpans([['late', 5_000_000_000n, 10n]])
      .sendSpans([['early', -2_000_000_000n, 20n]])
      .sendSpans([['middle', 0n, 30n]]);
    host.sendSpans([['late', 6_000_000_000n, 10n]]);
    const { spans, operations, dropped } = host.snapshot();
    const offsetNs = 456_789;
    const timeline = spans.map(({ name, startNs: atNs, durationNs }) => [
      name,
      Math.round(atNs - offsetNs),
      durationNs,
    ]);
    assert.deepEqual(timeline, [
      ['early', -2e9, 20],
      ['middle', 0, 30],
      ['late', 5e9, 10],
      ['late', 6e9, 10],
    ]);
    assert.equal(
      operations.reduce((sum, { count }) => sum + count, 0),
      4,
    );
    assert.deepEqual(dropped, { spans: 0, items: 0, batches: 0, calls: 0, values: 0 });
    assert.equal(host.batches.filter(({ hello }) => hello).length, 2);
    assert.ok(host.batches.every(({ spans: events = [] }) => events.every(({ startNs: atNs }) => atNs >= 0)));
  });

  it('keeps the ids and plain attributes of a span', () => {
    const host = new TranslatorHost().sendSpans([
      ['work', 0n, 5n, (span) => span.setAttributes({ step: 7, list: ['x'] })],
    ]);
    const [span] = host.snapshot().spans;
    const { trace_id: trace, span_id: id, parent_span_id: parent, ...rest } = span?.attributes ?? {};
    assert.match(`${trace} ${id} ${parent}`, /^[\da-f]{32} [\da-f]{16} [\da-f]{16}$/);
    assert.deepEqual(rest, { step: 7 });
  });

  it('merges error types beyond the limit as other', () => {
    const plans: SpanPlan[] = Array.from({ length: 50 }, (_, index) => [
      'work',
      0n,
      1n,
      (span) => span.setStatus({ code: SpanStatusCode.ERROR, message: `order ${index} was lost` }),
    ]);
    const { errors, errorTypes } = new TranslatorHost().sendSpans(plans).findOperation('work') ?? {};
    assert.equal(errors, 50);
    assert.equal(errorTypes?.['other'], 18);
    assert.equal(Object.keys(errorTypes ?? {}).length, 33);
  });

  it('keeps the slowest spans and counts the others', () => {
    const many: SpanPlan[] = Array.from({ length: 3000 }, (_, index) => ['work', 0n, BigInt((index * 7919) % 3000)]);
    const host = new TranslatorHost().sendSpans(many);
    const { spans, dropped } = host.snapshot();
    assert.equal(spans.length + dropped.spans, 3000);
    assert.equal(spans.length, 256);
    assert.equal(Math.min(...spans.map(({ durationNs }) => durationNs)), 3000 - 256);
    assert.equal(host.findOperation('work')?.count, 3000);
  });

  it('rejects and counts spans without a valid start and end', () => {
    const times = [
      ['5', '4'],
      ['0', '7'],
      ['7', '0'],
      ['7', '7'],
    ];
    const spans = times.map(([start, end]) => ({ name: 'x', startTimeUnixNano: start, endTimeUnixNano: end }));
    const host = new TranslatorHost().sendTraces({
      resourceSpans: [{ scopeSpans: [{ spans: [...spans, { name: 'x' }] }] }],
    });
    assert.equal(host.rejected, 4);
    assert.equal(host.findOperation('x')?.count, 1);
    assert.equal(host.snapshot().dropped.calls, 4);
    assert.match(host.batches[0]?.notices?.join() ?? '', /spans were dropped because they have no valid start/);
  });

  it('keeps percentiles of a span of 40 hours within its minimum and maximum', () => {
    const host = new TranslatorHost().sendSpans([['nightly job', 0n, 40n * 3600n * 1_000_000_000n]]);
    const { p50Ns = 0, minNs, maxNs } = host.findOperation('nightly job') ?? {};
    assert.deepEqual([minNs, maxNs], [144e12, 144e12]);
    assert.ok(Math.abs(p50Ns / 144e12 - 1) < 0.01, `${p50Ns}`);
  });

  it('keeps only what it shows of a span with huge attributes', () => {
    const attributes = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`a${index}`, 'x'.repeat(100_000)]));
    const [batch] = new TranslatorHost().sendTraces(buildTraces({ attributes })).batches;
    assert.ok(JSON.stringify(batch).length < 12_000);
    assert.equal(batch?.spans?.length, 1);
  });

  it('shortens long names but keeps them apart', () => {
    const names = ['a', 'b', 'b'].map((end) => ({ name: `${'n'.repeat(100_000)}${end}` }));
    const { operations } = new TranslatorHost().sendTraces(buildTraces(...names)).snapshot();
    assert.deepEqual(operations.map(({ count }) => count).sort(), [1, 2]);
    for (const { name } of operations) assert.match(name, /^n{391}…[\da-f]{8}$/);
  });

  it('limits the number of names and instances but counts every span', () => {
    const host = new TranslatorHost();
    const names = Array.from({ length: 2500 }, (_, index) => ({ name: `name ${index}` }));
    host.sendTraces(buildTraces(...names));
    assert.equal(host.findOperation('other')?.count, 500);
    const instances = Array.from({ length: 300 }, (_, index) => ({ resource: { 'service.instance.id': `i${index}` } }));
    host.sendTraces(buildTraces(...instances)).sendTraces(buildTraces(...instances));
    assert.equal(host.findOperation('work')?.count, 600);
    const sources = new Set(host.batches.map(({ source }) => source));
    assert.equal(sources.size, 201);
    assert.ok(sources.has('otlp:others'));
  });

  it('builds a tree for each service, in which the run and spans of other processes are not around any', () => {
    const host = new TranslatorHost('00000000000000aa');
    const span = (
      service: string,
      name: string,
      spanId: string,
      parentSpanId: string,
      range: readonly number[],
      kind = 1,
    ) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: `00000000000000${spanId}`,
              ...(parentSpanId === '' ? {} : { parentSpanId: `00000000000000${parentSpanId}` }),
              name,
              kind,
              startTimeUnixNano: String(startNs + BigInt(range[0] ?? 0)),
              endTimeUnixNano: String(startNs + BigInt(range[1] ?? 0)),
            },
          ],
        },
      ],
    });
    host.sendTraces({
      resourceSpans: [
        span('shop', 'query', '03', '02', [10, 40], 3),
        span('shop', 'render', '04', '02', [30, 60]),
        span('store', 'SELECT', '05', '03', [15, 35], 2),
        span('shop', 'GET /', '02', 'aa', [0, 100]),
      ],
    });
    assert.equal(host.recorder.stacks(), undefined, 'spans wait for those inside');
    host.ingest({ batches: host.translator.foldSpans(0, true), rejected: 0 });
    const { functions, threads } = host.recorder.stacks() ?? { functions: [], threads: [] };
    const trees = threads.map(({ kind, name, nodes }) => [
      kind,
      name,
      nodes.map(([parent, index, spans, ns]) => [parent, functions[index]?.name, spans, ns]),
    ]);
    assert.deepEqual(trees, [
      [
        'spans',
        'shop (spans)',
        [
          [-1, 'GET /', 1, 50],
          [0, 'query', 1, 30],
          [0, 'render', 1, 30],
        ],
      ],
      ['spans', 'store (spans)', [[-1, 'SELECT', 1, 20]]],
    ]);
  });
});
