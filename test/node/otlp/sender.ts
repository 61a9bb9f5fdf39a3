/** Records known spans and metrics with OpenTelemetry's SDK and encodes them with its serializers. */
import { context, type Span, SpanKind, SpanStatusCode, trace, ValueType } from '@opentelemetry/api';
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { metrics, resources, tracing } from '@opentelemetry/sdk-node';
import type { Encoding } from '../../../src/node/otlp/decode/decode.ts';

const {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = metrics;

export const startNs = 1_700_000_000_123_456_789n;

const resource = resources.resourceFromAttributes({
  'service.name': 'shop',
  'process.pid': 4711,
  'process.command_args': ['node', 'shop.js'],
});

/** A span to record. `edit` is called while the span is open. */
export type SpanPlan = readonly [name: string, atNs: bigint, durationNs: bigint, edit?: (span: Span) => void];

export function recordSpans(plans: readonly SpanPlan[], scope = 'shop-lib'): tracing.ReadableSpan[] {
  const exporter = new tracing.InMemorySpanExporter();
  const provider = new tracing.BasicTracerProvider({
    resource,
    spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer(scope, '1.2.3');
  const parent = tracer.startSpan('parent', { startTime: toHrTime(startNs) });
  for (const [name, atNs, durationNs, edit] of plans) {
    const within = trace.setSpan(context.active(), parent);
    const span = tracer.startSpan(name, { startTime: toHrTime(startNs + atNs), kind: SpanKind.SERVER }, within);
    edit?.(span);
    span.end(toHrTime(startNs + atNs + durationNs));
  }
  return exporter.getFinishedSpans();
}

/** Records spans that use every feature of a span. */
export function richSpans(): tracing.ReadableSpan[] {
  return recordSpans([
    ['plain', 0n, 1n],
    [
      'täglich ☕ 𝒳',
      5n,
      3_000_000_001n,
      (span) =>
        span.setAttributes({
          text: 'ä ☕',
          empty: '',
          yes: true,
          no: false,
          zero: 0,
          small: -1,
          smaller: -(2 ** 40) - 1,
          large: 2 ** 52 + 1,
          half: 0.5,
          minus: -1e-9,
          list: ['a', 'b'],
          numbers: [1, 2.5],
        }),
    ],
    [
      'failing',
      7n,
      2_000n,
      (span) => {
        span.addEvent('note', { step: 1 }, toHrTime(startNs + 8n));
        span.recordException(new RangeError('overflow'), toHrTime(startNs + 9n));
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'buffer overflow' });
        span.addLink({ context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 } });
      },
    ],
  ]);
}

/** Records metrics of every kind and returns them as one export. */
export async function richMetrics(): Promise<metrics.ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('shop-lib');
  meter.createCounter('orders', { unit: '{order}', valueType: ValueType.INT }).add(7, { kind: 'a' });
  meter.createCounter('bytes', { unit: 'By' }).add(1.5);
  meter.createUpDownCounter('queue', { valueType: ValueType.INT }).add(-3);
  meter.createObservableGauge('load', { unit: '%' }).addCallback((result) => result.observe(12.5, { cpu: 1 }));
  const bounded = meter.createHistogram('bounded', { unit: 'ms' });
  const exponential = meter.createHistogram('exponential', { unit: 's' });
  for (const value of [0, 0.5, 3, 12, 12, 40_000]) {
    bounded.record(value);
    exponential.record(value);
  }
  await reader.forceFlush();
  const [exported] = exporter.getMetrics();
  await provider.shutdown();
  if (!exported) throw new Error('no metrics were exported');
  return exported;
}

export function encodeTraces(spans: tracing.ReadableSpan[], encoding: Encoding): Buffer {
  const serializer = encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return Buffer.from(serializer.serializeRequest(spans) ?? []);
}

export function encodeMetrics(exported: metrics.ResourceMetrics, encoding: Encoding): Buffer {
  const serializer = encoding === 'json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return Buffer.from(serializer.serializeRequest(exported) ?? []);
}

function toHrTime(ns: bigint): [number, number] {
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}
