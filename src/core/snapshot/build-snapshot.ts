/** Makes of what the recorder knows the one plain picture that everything reads: the Snapshot. */

import { defined } from '../../protocol/defined.ts';
import type { ComponentState, OperationState, Overhead, Resources, Run, Snapshot } from '../../protocol/snapshot.ts';
import { snapshotSchema } from '../../protocol/snapshot.ts';
import type { Component } from '../record/component-totals.ts';
import type { Recorder } from '../record/recorder.ts';
import { componentScore, healthOf, lightOf, type Thresholds } from './health.ts';

/** Operations listed while live: those with the largest total. */
export const operationsShown = 500;

export interface JudgeOptions {
  readonly run: Run;
  readonly thresholds: Thresholds;
  /** Host time spent on this run so far. */
  readonly hostNs: number;
  /** `whole`: all there is, with histograms, for an export. */
  readonly range: 'live' | 'whole';
}

/** A complete snapshot; the recorder is only read. */
export function judge(recorder: Recorder, options: JudgeOptions): Snapshot {
  const { run, range } = options;
  const whole = range === 'whole';
  const components = [...recorder.components.values()].map((component) =>
    stateOf(component, recorder, run.durationNs, options.thresholds),
  );
  const { operations, omitted } = operationsOf(recorder, whole);
  const resources = resourcesOf(recorder);
  return {
    schema: snapshotSchema,
    run,
    health: healthOf(totalsOf(recorder, run, resources)),
    components,
    operations,
    operationsOmitted: omitted + recorder.dropped.operations,
    items: recorder.items.states(),
    spans: recorder.spans.states(),
    series: recorder.series.read(whole || run.result !== 'running' ? 'whole' : 'live'),
    processes: recorder.sources.processes(),
    resources,
    overhead: overheadOf(recorder, run.durationNs, options.hostNs),
    dropped: {
      spans: recorder.dropped.spans + recorder.spans.omitted,
      items: recorder.dropped.items + recorder.items.omitted,
      batches: recorder.dropped.batches,
    },
  };
}

function operationsOf(recorder: Recorder, whole: boolean): { operations: OperationState[]; omitted: number } {
  const tallies = [...recorder.tallies.values()].filter((tally) => tally.known).sort((a, b) => b.toldNs - a.toldNs);
  const listed = whole ? tallies : tallies.slice(0, operationsShown);
  const operations = listed.map((tally) =>
    whole ? { ...tally.state(), histogram: tally.encodeHistogram() } : tally.state(),
  );
  return { operations, omitted: tallies.length - listed.length };
}

function stateOf(component: Component, recorder: Recorder, nowNs: number, thresholds: Thresholds): ComponentState {
  const percentiles = component.percentiles();
  const state = {
    name: component.name,
    count: component.count,
    errors: component.errors,
    errorTypes: Object.fromEntries(component.errorTypes),
    totalNs: component.totalNs,
    ...(percentiles ? { p50Ns: percentiles[0], p95Ns: percentiles[1], p99Ns: percentiles[2] } : {}),
    cacheHits: component.hits,
    cacheMisses: component.misses,
    ratePerSecond: component.ratePerSecond(nowNs),
    active: activeOf(component, recorder),
    counters: Object.fromEntries(component.counters),
    gauges: Object.fromEntries(component.gauges),
  };
  const score = componentScore(component);
  const sampledNs = component.count === 0 ? sampledTime(component, recorder) : undefined;
  return { ...state, ...lightOf(state, thresholds, sampledNs), ...defined({ score }) };
}

/** The own time of a component of which no call is counted, by looks at the stack; absent where none saw it. */
function sampledTime(component: Component, recorder: Recorder): number | undefined {
  let [looks, selfNs] = [0, 0];
  for (const tally of recorder.tallies.values()) {
    if (tally.definition.component !== component.name) continue;
    looks += tally.sampled.samples;
    selfNs += tally.sampled.selfNs;
  }
  return looks > 0 ? selfNs : undefined;
}

function activeOf(component: Component, recorder: Recorder): number {
  let active = 0;
  for (const tally of recorder.tallies.values()) {
    if (tally.definition.component !== component.name) continue;
    for (const calls of tally.active.values()) active += calls;
  }
  return active;
}

/** Speed is that of the unit operation where the pipeline has one: means over unlike operations mean nothing. */
function totalsOf(recorder: Recorder, run: Run, resources: Resources): Parameters<typeof healthOf>[0] {
  const components = [...recorder.components.values()];
  const sum = (of: (component: Component) => number): number =>
    components.reduce((total, component) => total + of(component), 0);
  const count = sum((component) => component.count);
  const unit = run.unit && recorder.tallies.get(`${run.unit.component}\0${run.unit.operation}`);
  const timed = unit && unit.count > 0 ? unit : { count, totalNs: sum((component) => component.totalNs) };
  return {
    count,
    errors: sum((component) => component.errors),
    hits: sum((component) => component.hits),
    misses: sum((component) => component.misses),
    meanNs: timed.count > 0 ? timed.totalNs / timed.count : 0,
    ...(resources.rssBytes > 0 ? { memoryBytes: resources.rssBytes } : {}),
  };
}

function resourcesOf(recorder: Recorder): Resources {
  const probed = recorder.sources.resources();
  const tree = recorder.tree;
  // A short run may end between two looks at the tree: what the probe said last is then the better number.
  return {
    peakRssBytes: Math.max(recorder.peakRssBytes, probed.peakRssBytes),
    rssBytes: tree?.rssBytes || probed.rssBytes,
    cpuNs: Math.max(tree?.cpuNs ?? 0, probed.cpuNs),
    ...defined({ cpuRatio: recorder.cpuRatio }),
    ...told({ threads: tree?.threads, readBytes: tree?.readBytes, writtenBytes: tree?.writtenBytes }),
    ...told({ heapBytes: probed.heapBytes || undefined, gcNs: probed.gcNs || undefined }),
    processes: tree?.processes ?? (probed.rssBytes > 0 ? 1 : 0),
    scope: tree ? 'tree' : 'process',
  };
}

/** Only what has a value: a number that nobody told is absent, not zero. */
function told(values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function overheadOf(recorder: Recorder, durationNs: number, hostNs: number): Overhead {
  const { recordNs, events, flushNs } = recorder.sources.cost();
  const costNs = events * recordNs + flushNs + hostNs;
  return { recordNs, events, flushNs, hostNs, percent: durationNs > 0 ? (costNs / durationNs) * 100 : 0 };
}
