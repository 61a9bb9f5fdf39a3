/** A translator connected to a recorder, as in a run, with short helpers to build its input. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { decodeMetrics, decodeTraces } from '../../../src/node/otlp/decode/decode.ts';
import { Translator } from '../../../src/node/otlp/translate/translator.ts';
import { type Batch, isBatch } from '../../../src/protocol/batch/batch.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { encodeTraces, recordSpans, type SpanPlan, startNs } from './sender.ts';

export const startMs = 1_700_000_000_123;

export class TranslatorHost {
  readonly translator: Translator;
  readonly batches: Batch[] = [];
  readonly recorder = new Recorder({ components: [], wallStartMs: startMs, displayPathOf: (file) => file });
  rejected = 0;

  /** @param runSpanId ID of the span of the run */
  constructor(runSpanId?: string) {
    this.translator = new Translator(runSpanId);
  }

  sendSpans(plans: readonly SpanPlan[], atMs = startMs + 5000): this {
    return this.ingest(
      this.translator.translateTraces(decodeTraces.json(encodeTraces(recordSpans(plans), 'json')), atMs, () => 7),
    );
  }

  sendTraces(value: object): this {
    return this.ingest(this.translator.translateTraces(decodeTraces.json(toBuffer(value)), startMs, () => 0));
  }

  sendMetrics(value: object): this {
    return this.ingest(this.translator.translateMetrics(decodeMetrics.json(toBuffer(value)), startMs, () => 0));
  }

  ingest({ batches, rejected }: ReturnType<Translator['translateTraces']>): this {
    this.rejected += rejected;
    for (const batch of batches) {
      assert.ok(isBatch(JSON.parse(JSON.stringify(batch))), JSON.stringify(batch));
      this.batches.push(batch);
      // After all times of the spans, because a span cannot start after it has arrived.
      this.recorder.ingest(batch, 10e9);
    }
    return this;
  }

  snapshot(): Snapshot {
    const run = { id: 'r', pipeline: 'otlp', title: 'O', workspace: '/w', startedAt: '', durationNs: 1e9 };
    const options = { thresholds: defaultThresholds, hostNs: 0, range: 'whole' } as const;
    return buildSnapshot(this.recorder, { run: { ...run, result: 'success' }, ...options });
  }

  findOperation(name: string, component?: string) {
    return this.snapshot().operations.find(
      (operation) => operation.name === name && (component === undefined || operation.component === component),
    );
  }

  findComponent(name: string) {
    return this.snapshot().components.find((component) => component.name === name);
  }
}

function toBuffer(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Builds traces with one resource for each span. Attributes are plain values. */
export function buildTraces(
  ...spans: readonly { resource?: object; scope?: string; name?: string; attributes?: object }[]
): object {
  return {
    resourceSpans: spans.map(({ resource = {}, scope = 'lib', name = 'work', attributes = {} }) => ({
      resource: { attributes: toAttributes(resource) },
      scopeSpans: [
        {
          scope: { name: scope },
          spans: [
            {
              name,
              startTimeUnixNano: String(startNs),
              endTimeUnixNano: String(startNs + 100n),
              attributes: toAttributes(attributes),
            },
          ],
        },
      ],
    })),
  };
}

export function toAttributes(values: object): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
  }));
}

/** Builds metrics of the service `shop`. */
export function buildMetrics(...metrics: readonly object[]): object {
  return {
    resourceMetrics: [
      { resource: { attributes: toAttributes({ 'service.name': 'shop' }) }, scopeMetrics: [{ metrics }] },
    ],
  };
}
