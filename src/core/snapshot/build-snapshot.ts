/** Builds the snapshot of a run from what the recorder holds. */
import { defined } from '../../protocol/defined.ts';
import type { ComponentState, OperationState, Overhead, Resources, Run, Snapshot } from '../../protocol/snapshot.ts';
import { snapshotSchema } from '../../protocol/snapshot.ts';
import type { ComponentTotals } from '../record/component-totals.ts';
import type { Recorder } from '../record/recorder.ts';
import { type CheckCounts, checkCounts } from './check-counts.ts';
import { computeComponentScore, computeHealth, judgeLight, type Thresholds } from './health.ts';

/** Maximum number of operations in a live snapshot; those with the largest total time are listed. */
const maxLiveOperations = 500;

interface SnapshotOptions {
  readonly run: Run;
  readonly thresholds: Thresholds;
  /** Host time spent on this run so far. */
  readonly hostNs: number;
  /** `whole` includes every operation and histograms, for exports. */
  readonly range: 'live' | 'whole';
}

/** Returns a complete snapshot without changing the recorder. */
export function buildSnapshot(recorder: Recorder, options: SnapshotOptions): Snapshot {
  const { run, range } = options;
  const whole = range === 'whole';
  const { validation } = recorder;
  const checks = validation && checkCounts(validation);
  const components = [...recorder.components.values()].map((component) =>
    buildComponentState(component, recorder, run.durationNs, options.thresholds, checks?.get(component.name)),
  );
  const { operations, omitted } = listOperations(recorder, whole);
  const resources = buildResources(recorder);
  return {
    schema: snapshotSchema,
    run,
    health: computeHealth(sumForHealth(recorder, run, resources)),
    components,
    operations,
    operationsOmitted: omitted + recorder.dropped.operations,
    items: recorder.items.states(),
    spans: recorder.spans.states(),
    series: recorder.series.read(whole || run.result !== 'running' ? 'whole' : 'live'),
    processes: recorder.sources.processes(),
    resources,
    ...defined({ validation }),
    overhead: computeOverhead(recorder, run.durationNs, options.hostNs),
    dropped: {
      spans: recorder.dropped.spans + recorder.spans.omitted,
      items: recorder.dropped.items + recorder.items.omitted,
      batches: recorder.dropped.batches,
    },
  };
}

function listOperations(recorder: Recorder, whole: boolean): { operations: OperationState[]; omitted: number } {
  const all = [...recorder.operations.values()]
    .filter((operation) => operation.hasData)
    .sort((a, b) => b.totalOrSampledNs - a.totalOrSampledNs);
  const listed = whole ? all : all.slice(0, maxLiveOperations);
  const operations = listed.map((operation) =>
    whole ? { ...operation.state(), histogram: operation.encodeHistogram() } : operation.state(),
  );
  return { operations, omitted: all.length - listed.length };
}

function buildComponentState(
  component: ComponentTotals,
  recorder: Recorder,
  nowNs: number,
  thresholds: Thresholds,
  checks: CheckCounts | undefined,
): ComponentState {
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
    active: countActiveCalls(component, recorder),
    counters: Object.fromEntries(component.counters),
    gauges: Object.fromEntries(component.gauges),
  };
  const score = computeComponentScore(component);
  const sampledNs = component.count === 0 ? sumSampledNs(component, recorder) : undefined;
  return { ...state, ...judgeLight(state, thresholds, sampledNs, checks), ...defined({ score }) };
}

/** Returns the self time of a component according to stack samples, or undefined if no sample contains it. */
function sumSampledNs(component: ComponentTotals, recorder: Recorder): number | undefined {
  let [samples, selfNs] = [0, 0];
  for (const { definition, sampled } of recorder.operations.values()) {
    if (definition.component !== component.name) continue;
    samples += sampled.samples;
    selfNs += sampled.selfNs;
  }
  return samples > 0 ? selfNs : undefined;
}

function countActiveCalls(component: ComponentTotals, recorder: Recorder): number {
  let active = 0;
  for (const operation of recorder.operations.values()) {
    if (operation.definition.component !== component.name) continue;
    for (const calls of operation.active.values()) active += calls;
  }
  return active;
}

/** Sums all components. Speed is that of the unit operation, if any: a mean over unrelated operations is meaningless. */
function sumForHealth(recorder: Recorder, run: Run, resources: Resources): Parameters<typeof computeHealth>[0] {
  const components = [...recorder.components.values()];
  const sum = (select: (component: ComponentTotals) => number): number =>
    components.reduce((total, component) => total + select(component), 0);
  const count = sum((component) => component.count);
  const unit = run.unit && recorder.operations.get(`${run.unit.component}\0${run.unit.operation}`);
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

function buildResources(recorder: Recorder): Resources {
  const probed = recorder.sources.resources();
  const tree = recorder.tree;
  // A short run may end between two samples of the tree; the last values from the probe are better then.
  return {
    peakRssBytes: Math.max(recorder.peakRssBytes, probed.peakRssBytes),
    rssBytes: tree?.rssBytes || probed.rssBytes,
    cpuNs: Math.max(tree?.cpuNs ?? 0, probed.cpuNs),
    ...defined({
      cpuRatio: recorder.cpuRatio,
      threads: tree?.threads,
      readBytes: tree?.readBytes,
      writtenBytes: tree?.writtenBytes,
      heapBytes: probed.heapBytes || undefined,
      gcNs: probed.gcNs || undefined,
    }),
    processes: tree?.processes ?? (probed.rssBytes > 0 ? 1 : 0),
    scope: tree ? 'tree' : 'process',
  };
}

function computeOverhead(recorder: Recorder, durationNs: number, hostNs: number): Overhead {
  const { recordNs, events, flushNs } = recorder.sources.cost();
  const costNs = events * recordNs + flushNs + hostNs;
  return { recordNs, events, flushNs, hostNs, percent: durationNs > 0 ? (costNs / durationNs) * 100 : 0 };
}
