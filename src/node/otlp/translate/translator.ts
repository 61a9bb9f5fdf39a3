/** Translates OpenTelemetry data into batches, with one source for each service instance. */
import type { Batch } from '../../../protocol/batch/batch.ts';
import type { Metrics, OtlpAttribute, Traces } from '../decode/otlp-schema.ts';
import { addSpans } from './add-spans.ts';
import { getText, getWholeNumber, truncate } from './attributes.ts';
import { MetricTranslator } from './metric-translator.ts';
import { OtlpSource } from './otlp-source.ts';
import { StreamBudget } from './streams.ts';

/** Maximum number of separate service instances. Later ones share a single source. */
const maxInstances = 200;
const maxNameLength = 200;
const overflowName = 'otlp:others';

export interface Translation {
  readonly batches: readonly Batch[];
  /** Number of spans or data points that were dropped because they are inconsistent. */
  readonly rejected: number;
}

interface ServiceInstance {
  readonly source: OtlpSource;
  readonly metrics: MetricTranslator;
}

export class Translator {
  readonly #instances = new Map<string, ServiceInstance>();
  readonly #streamBudget = new StreamBudget();
  readonly #runSpanId: string | undefined;

  /** @param runSpanId ID of the span of the run */
  constructor(runSpanId?: string) {
    this.#runSpanId = runSpanId;
  }

  /**
   * Translates spans.
   * @param atMs wall-clock time
   * @param spentNs returns the time spent on decoding and translating so far, which counts as profiler overhead
   */
  translateTraces(traces: Traces, atMs: number, spentNs: () => number): Translation {
    let rejected = 0;
    const nowMs = performance.now();
    const sources = new Set<OtlpSource>();
    for (const { resource, scopeSpans } of traces.resourceSpans) {
      const { source } = this.#instanceFor(resource?.attributes ?? []);
      sources.add(source);
      for (const { scope, spans } of scopeSpans) rejected += addSpans(source, scope?.name || 'otlp', spans, nowMs);
    }
    for (const source of sources) source.tree.fold(nowMs);
    return { batches: drainBatches(sources, atMs, spentNs()), rejected };
  }

  /** Translates metrics. The parameters are those of `translateTraces`. */
  translateMetrics({ resourceMetrics }: Metrics, atMs: number, spentNs: () => number): Translation {
    let rejected = 0;
    const sources = new Set<OtlpSource>();
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const instance = this.#instanceFor(resource?.attributes ?? []);
      sources.add(instance.source);
      for (const { scope, metrics } of scopeMetrics)
        rejected += instance.metrics.add(scope?.name || 'otlp', scope?.version ?? '', metrics);
    }
    return { batches: drainBatches(sources, atMs, spentNs()), rejected };
  }

  /**
   * Adds spans to the trees that have waited for the span around them, or all of them at the end of a run.
   *
   * @param atMs wall-clock time
   */
  foldSpans(atMs: number, isEnd: boolean): readonly Batch[] {
    const sources = [...this.#instances.values()].map(({ source }) => source);
    return drainBatches(new Set(sources.filter(({ tree }) => tree.fold(performance.now(), isEnd))), atMs, 0);
  }

  #instanceFor(attributes: readonly OtlpAttribute[]): ServiceInstance {
    const service = serviceName(attributes);
    const pid = getWholeNumber(attributes, 'process.pid');
    const instanceId = getText(attributes, 'service.instance.id') ?? pid ?? '';
    const name = `otlp:${truncate(service ?? 'unknown', maxNameLength)}:${truncate(String(instanceId), maxNameLength)}`;
    const instance = this.#instances.get(name);
    if (instance) return instance;
    if (this.#instances.size < maxInstances) return this.#add(name, service, pid, attributes);
    return this.#instances.get(overflowName) ?? this.#add(overflowName, undefined, undefined, attributes);
  }

  #add(
    name: string,
    service: string | undefined,
    pid: number | undefined,
    attributes: readonly OtlpAttribute[],
  ): ServiceInstance {
    const runtime = getText(attributes, 'process.runtime.name', 'telemetry.sdk.language') ?? 'opentelemetry';
    const version = getText(attributes, 'process.runtime.version') ?? '';
    const identity = {
      // 0, which is never a user's process, if the sender does not report its process.
      pid: pid ?? 0,
      runtime: truncate(`${runtime} ${version}`.trim(), maxNameLength),
      name: truncate(service ?? 'unknown service', maxNameLength),
    };
    const source = new OtlpSource(name, identity, service, this.#runSpanId);
    const instance = { source, metrics: new MetricTranslator(source, this.#streamBudget) };
    this.#instances.set(name, instance);
    return instance;
  }
}

/** Returns the configured service name, or undefined if the SDK only reports its default `unknown_service`. */
function serviceName(attributes: readonly OtlpAttribute[]): string | undefined {
  const name = getText(attributes, 'service.name');
  return name?.startsWith('unknown_service') ? undefined : name;
}

/** Drains a batch from each source. The first one carries the time spent on decoding. */
function drainBatches(sources: ReadonlySet<OtlpSource>, atMs: number, spentNs: number): Batch[] {
  return [...sources].map((source, index) => source.drainBatch(atMs, index === 0 ? spentNs : 0));
}
