/** Makes batches of what OpenTelemetry sends: one source for each instance of a service. */
import type { Batch } from '../../../protocol/event.ts';
import type { Attribute, Metrics, Traces } from '../decode/otlp-schema.ts';
import { addSpans } from './add-spans.ts';
import { short, textOf, wholeOf } from './attributes.ts';
import { Meter } from './meter.ts';
import { Source } from './otlp-source.ts';

/** Instances told apart; later ones are taken together. */
const sourcesKept = 200;
const longestName = 200;

export interface Translation {
  readonly batches: readonly Batch[];
  /** Spans or points that were left out because they contradict themselves. */
  readonly rejected: number;
}

interface Sender {
  readonly source: Source;
  readonly meter: Meter;
}

export class Translator {
  readonly #senders = new Map<string, Sender>();

  /** `atMs` is the wall clock, `spentNs` what reading has cost until it is asked: it stands in the run's overhead. */
  traces(traces: Traces, atMs: number, spentNs: () => number): Translation {
    let rejected = 0;
    const sources = new Set<Source>();
    for (const { resource, scopeSpans } of traces.resourceSpans) {
      const { source } = this.#senderOf(resource?.attributes ?? []);
      sources.add(source);
      for (const { scope, spans } of scopeSpans) rejected += addSpans(source, scope?.name || 'otlp', spans);
    }
    return { batches: batchesOf(sources, atMs, spentNs()), rejected };
  }

  metrics(metrics: Metrics, atMs: number, spentNs: () => number): Translation {
    let rejected = 0;
    const sources = new Set<Source>();
    for (const { resource, scopeMetrics } of metrics.resourceMetrics) {
      const { source, meter } = this.#senderOf(resource?.attributes ?? []);
      sources.add(source);
      for (const { scope, metrics } of scopeMetrics) rejected += meter.add(scope?.name || 'otlp', metrics);
    }
    return { batches: batchesOf(sources, atMs, spentNs()), rejected };
  }

  #senderOf(attributes: readonly Attribute[]): Sender {
    const service = serviceOf(attributes);
    const pid = wholeOf(attributes, 'process.pid');
    const instance = textOf(attributes, 'service.instance.id') ?? pid ?? '';
    const name = `otlp:${short(service ?? 'unknown', longestName)}:${short(String(instance), longestName)}`;
    return (
      this.#senders.get(name) ??
      (this.#senders.size < sourcesKept ? this.#add(name, service, pid, attributes) : this.#others(attributes))
    );
  }

  #others(attributes: readonly Attribute[]): Sender {
    return this.#senders.get('otlp:others') ?? this.#add('otlp:others', undefined, undefined, attributes);
  }

  #add(name: string, service: string | undefined, pid: number | undefined, attributes: readonly Attribute[]): Sender {
    const runtime = textOf(attributes, 'process.runtime.name', 'telemetry.sdk.language') ?? 'opentelemetry';
    const version = textOf(attributes, 'process.runtime.version') ?? '';
    const identity = {
      // Not every sender tells its process; 0 is no process of a user's.
      pid: pid ?? 0,
      runtime: short(`${runtime} ${version}`.trim(), longestName),
      name: short(service ?? 'unknown service', longestName),
    };
    const source = new Source(name, identity, service);
    const sender = { source, meter: new Meter(source) };
    this.#senders.set(name, sender);
    return sender;
  }
}

/** The name that someone gave it: an SDK says `unknown_service` where nobody did. */
function serviceOf(attributes: readonly Attribute[]): string | undefined {
  const name = textOf(attributes, 'service.name');
  return name?.startsWith('unknown_service') ? undefined : name;
}

/** The first batch carries what decoding has cost. */
function batchesOf(sources: ReadonlySet<Source>, atMs: number, spentNs: number): Batch[] {
  return [...sources].map((source, index) => source.takeBatch(atMs, index === 0 ? spentNs : 0));
}
