/** Compares the cost of the probe in the measured program with common metrics libraries, interleaved in one process. */
import { createHistogram } from 'node:perf_hooks';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Histogram, Registry } from 'prom-client';
import { Probe } from '../../src/probe/api/probe.ts';
import type { Transport } from '../../src/probe/api/transport.ts';
import { nowNs } from '../../src/probe/record/clock.ts';
import type { Batch } from '../../src/protocol/batch/batch.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const rounds = 31;
const callsPerRound = 50_000;

/** Varied durations, generated in advance so that generating them is not measured. */
const durations = Array.from({ length: 1024 }, (_, index) => 1000 + ((index * 7919) % 900_000));

interface Recorder {
  readonly name: string;
  readonly record: (durationNs: number) => void;
}

function recorders(): Recorder[] {
  const operation = new Probe('bench').operation('work');
  const registry = new Registry();
  const prometheus = new Histogram({ name: 'work_seconds', help: 'x', registers: [registry] });
  metrics.setGlobalMeterProvider(new MeterProvider());
  const otel = metrics.getMeter('bench').createHistogram('work');
  const native = createHistogram();
  return [
    { name: 'pipescope', record: (ns) => operation.record(ns) },
    { name: 'prom-client observe', record: (ns) => prometheus.observe(ns / 1e9) },
    { name: '@opentelemetry/sdk-metrics record', record: (ns) => otel.record(ns) },
    { name: 'node:perf_hooks histogram record', record: (ns) => native.record(ns) },
  ];
}

function timeRound({ record }: Recorder): number {
  const startNs = nowNs();
  for (let call = 0; call < callsPerRound; call++) record(durations[call & 1023] as number);
  return (nowNs() - startNs) / callsPerRound;
}

/** Measures the cost of one recorded call: the median of interleaved rounds, and its ratio to each other library. */
export function recordedCall(): Figure[] {
  const all = recorders();
  const times = new Map(all.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const ordered = round % 2 === 0 ? all : all.toReversed();
    for (const recorder of ordered) times.get(recorder.name)?.push(timeRound(recorder));
  }
  const ours = medianOf(times.get('pipescope') ?? []);
  const how = `median of ${rounds} interleaved rounds of ${callsPerRound} calls`;
  return all.slice(1).map(({ name }) => {
    const ratio = medianOf(times.get(name) ?? []) / ours;
    const target = name.startsWith('node:') ? {} : goal('≥', 2, ratio);
    return { name: 'recorded call in the guest', value: ours, unit: 'ns', against: name, ratio, ...target, how };
  });
}

/** Measures a pipeline of five nodes: recording five timed calls, then creating and serializing the batch. */
export function fiveNodes(): Figure {
  const probe = new Probe('bench');
  let bytes = 0;
  const serializingTransport: Transport = {
    pressure: () => 'none',
    send: (batch: Batch) => {
      bytes += JSON.stringify(batch).length;
      return true;
    },
    whenDrained: () => Promise.resolve(),
    close: () => undefined,
  };
  probe.connect(serializingTransport);
  const nodes = Array.from({ length: 5 }, (_, index) => probe.operation(`node ${index}`, { component: 'pipeline' }));
  const samples: number[] = [];
  for (let run = 0; run < 20_000; run++) {
    const startNs = nowNs();
    for (const node of nodes) probe.record(node, durations[(run * 5) & 1023] as number);
    probe.flush();
    const durationNs = nowNs() - startNs;
    if (run >= 10_000) samples.push(durationNs);
  }
  void probe.close();
  const value = medianOf(samples) / 1000;
  return {
    name: 'five-node pipeline: record + serialize',
    value,
    unit: 'µs',
    ...goal('≤', 10, value),
    how: `median of 10,000 warm runs, ${Math.round(bytes / 20_000)} bytes each`,
  };
}
