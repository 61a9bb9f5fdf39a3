/**
 * Sends the span of a run to the collector that the user's environment names, so that the spans of the program, which are its
 * children, have their parent there.
 */
import { type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { messageOf } from '../../../core/human-error.ts';
import { defined } from '../../../protocol/defined.ts';
import type { Run } from '../../../protocol/snapshot.ts';
import { isSampled } from '../../run/trace-context.ts';

type ReadableSpan = Parameters<OTLPTraceExporter['export']>[0][number];

const scopeName = 'pipescope';
/** A collector that does not answer must not delay the end of a run for longer. */
const timeoutMs = 2000;
/** `ExportResultCode.SUCCESS` of the OpenTelemetry SDK. */
const successCode = 0;

/**
 * Sends the span of a run that has ended, with the endpoint, headers and certificates of the `OTEL_EXPORTER_OTLP_*` variables of
 * this process. Resolves with a sentence for the user if the collector did not accept it, or else with undefined.
 */
export async function sendRunSpan(run: Run): Promise<string | undefined> {
  const span = toReadableSpan(run);
  if (!span || !isSampled()) return undefined;
  try {
    const exporter = new OTLPTraceExporter({ timeoutMillis: timeoutMs });
    const error = await new Promise<Error | undefined>((resolve) => {
      exporter.export([span], (result) => {
        resolve(result.code === successCode ? undefined : (result.error ?? new Error('rejected')));
      });
    });
    await exporter.shutdown();
    return error && describeFailure(error);
  } catch (error) {
    return describeFailure(error);
  }
}

function describeFailure(error: unknown): string {
  return `The collector of OTEL_EXPORTER_OTLP_ENDPOINT did not accept the span of this run (${messageOf(error)}), so the program's spans may have no parent there. Verify the endpoint.`;
}

/** Returns the run as a finished span of the SDK, or undefined if it has no trace context. */
export function toReadableSpan(run: Run): ReadableSpan | undefined {
  if (!run.trace) return undefined;
  const { traceId, spanId, parentSpanId } = run.trace;
  const startNs = BigInt(Date.parse(run.startedAt)) * 1_000_000n;
  const durationNs = BigInt(Math.round(run.durationNs));
  const isFailed = run.result === 'failure' || run.result === 'error';
  const parentSpanContext = parentSpanId && { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED };
  return {
    name: run.title,
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED }),
    ...defined({ parentSpanContext: parentSpanContext || undefined }),
    startTime: toHrTime(startNs),
    endTime: toHrTime(startNs + durationNs),
    duration: toHrTime(durationNs),
    ended: true,
    status: isFailed
      ? { code: SpanStatusCode.ERROR, ...defined({ message: run.message }) }
      : { code: SpanStatusCode.UNSET },
    attributes: {
      'pipescope.run.id': run.id,
      'pipescope.pipeline': run.pipeline,
      'pipescope.result': run.result,
      ...defined({ 'process.exit.code': run.exitCode }),
    },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource: resourceFromAttributes({ 'service.name': scopeName }),
    instrumentationScope: { name: scopeName },
  };
}

function toHrTime(timeNs: bigint): HrTime {
  return [Number(timeNs / 1_000_000_000n), Number(timeNs % 1_000_000_000n)];
}
