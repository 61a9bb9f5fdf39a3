/** A recorder behind a translator, as in a run, and short ways to write what is sent to it. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { judge } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { decodeMetrics, decodeTraces } from '../../../src/node/otlp/decode/decode.ts';
import { Translator } from '../../../src/node/otlp/translate/translator.ts';
import { isBatch } from '../../../src/protocol/batch.ts';
import type { Batch } from '../../../src/protocol/event.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { type Plan, spansOf, startNs, traceBody } from './sender.ts';

export const startMs = 1_700_000_000_123;

export class Host {
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
export function tracesOf(
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

export function attributesOf(values: object): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
  }));
}

/** One metric of the service `shop`. */
export function metricsOf(...metrics: readonly object[]): object {
  return {
    resourceMetrics: [
      { resource: { attributes: attributesOf({ 'service.name': 'shop' }) }, scopeMetrics: [{ metrics }] },
    ],
  };
}
