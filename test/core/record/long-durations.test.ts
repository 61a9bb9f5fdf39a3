/** Follows durations of more than an hour from the guest to everything that shows them. */
import { strict as assert } from 'node:assert';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { IntervalTotals } from '../../../src/node/otlp/translate/interval-totals.ts';
import { Operation } from '../../../src/probe/record/operation.ts';
import type { OperationDelta } from '../../../src/protocol/batch/batch.ts';
import { simulate } from '../../probe/exact/simulated-program.ts';

const hourNs = 3600e9;

const durationsNs: readonly number[] = [1.001, 1.5, 2, 3.99, 7, 25, 24 * 10, 24 * 99].map((hours) => hours * hourNs);

/** Ways in which a call is recorded in a guest or in the host. */
const recorders: Readonly<Record<string, (durationNs: number) => OperationDelta | undefined>> = {
  'the probe API': (durationNs) => {
    const operation = new Operation({ id: 0, component: 'c', name: 'long', kind: 'stage' });
    for (let call = 0; call < 3; call++) operation.record(durationNs);
    return operation.drainDelta();
  },
  OpenTelemetry: (durationNs) => {
    const totals = new IntervalTotals();
    for (let call = 0; call < 3; call++) totals.record(durationNs);
    return totals.toDelta(0);
  },
  'exact timing': (durationNs) => {
    const part = { kind: 'call', id: 0, parts: [{ kind: 'work', us: durationNs / 1000 }] } as const;
    return simulate([part, part, part]).deltas[0];
  },
};

function assertClose(actual: number | null | undefined, expected: number, text: string): void {
  assert.ok(Math.abs((actual ?? 0) / expected - 1) <= 0.01, `${text}: ${actual}, expected ${expected}`);
}

describe('durations above an hour', () => {
  for (const [name, record] of Object.entries(recorders)) {
    it(`have at most one percent of error when recorded by ${name}`, () => {
      for (const durationNs of durationsNs) {
        const delta = record(durationNs);
        assert.ok(delta);
        const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
        const common = { v: 1, source: '1.0', atNs: 0, cost: { events: 0, flushNs: 0 } } as const;
        const definitions = [{ id: delta.id, component: 'c', name: 'long', kind: 'stage' as const }];
        recorder.ingest({ ...common, sequence: 0, definitions, operations: [delta] }, 1e9);
        recorder.series.advance(60e9);
        const { operations, components, series } = buildSnapshot(recorder, {
          run: {
            id: 'r',
            pipeline: 'p',
            title: 'P',
            workspace: '/w',
            startedAt: '',
            durationNs: 3 * durationNs,
            result: 'success',
          },
          thresholds: defaultThresholds,
          hostNs: 0,
          range: 'whole',
        });
        const [operation, component] = [operations[0], components[0]];
        for (const key of ['minNs', 'p50Ns', 'p95Ns', 'p99Ns', 'maxNs', 'averageNs'] as const)
          assertClose(operation?.[key], durationNs, key);
        for (const key of ['p50Ns', 'p99Ns'] as const) assertClose(component?.[key], durationNs, `component ${key}`);
        assertClose(operation?.totalNs, 3 * durationNs, 'total');
        const histogram = decodeFromCompressedBase64(operation?.histogram ?? '');
        assert.equal(histogram.totalCount, 3);
        assertClose(histogram.getValueAtPercentile(50), durationNs, 'exported histogram');
        const latency = Object.values(series).filter(({ metric }) => metric.startsWith('latency.'));
        assert.ok(latency.length >= 3);
        for (const { metric, values } of latency)
          assertClose(
            values.find((value) => value !== null),
            durationNs,
            `series ${metric}`,
          );
      }
    });
  }
});
