/** Builds the snapshot of a run from what the recorder holds. */
import { quickselect } from 'simple-statistics';
import { textLengthOf } from '../../protocol/batch/memory-budget.ts';
import { finite } from '../../protocol/batch/operation-delta.ts';
import { defined } from '../../protocol/defined.ts';
import type { ComponentState, OperationState, Overhead, Resources, Run, Snapshot } from '../../protocol/snapshot.ts';
import { snapshotSchema } from '../../protocol/snapshot.ts';
import type { ComponentTotals } from '../record/component-totals.ts';
import { HdrBuilder } from '../record/histogram.ts';
import type { OperationTotals } from '../record/operation-totals.ts';
import type { Recorder } from '../record/recorder.ts';
import { type CheckCounts, checkCounts } from './check-counts.ts';
import { computeComponentScore, computeHealth, judgeLight, type Thresholds } from './health.ts';

/** Maximum number of operations in a live snapshot; those with the largest total time are listed. */
const maxLiveOperations = 500;
/** Maximum length of the texts of these operations, in UTF-16 code units. */
const maxLiveLength = 1024 * 1024;

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
    buildComponentState(component, run.durationNs, options.thresholds, checks?.get(component.name)),
  );
  const { operations, omitted } = listOperations(recorder, whole);
  const resources = buildResources(recorder);
  return {
    schema: snapshotSchema,
    run,
    health: computeHealth(sumForHealth(recorder, run, resources)),
    components,
    operations,
    operationsOmitted: omitted + recorder.operationsOmitted,
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
      calls: recorder.dropped.calls,
      values: recorder.dropped.values,
    },
    notices: recorder.notices.list(),
  };
}

function listOperations(recorder: Recorder, whole: boolean): { operations: OperationState[]; omitted: number } {
  const all = [...recorder.operations.values()].filter((operation) => operation.hasData);
  const listed = whole ? all : selectSlowest(all, maxLiveOperations);
  listed.sort((a, b) => b.totalOrSampledNs - a.totalOrSampledNs);
  const builder = new HdrBuilder();
  const operations = whole
    ? listed.map((operation) => ({ ...operation.state(), histogram: operation.encodeHistogram(builder) }))
    : limitLength(listed.map((operation) => operation.state()));
  return { operations, omitted: all.length - operations.length };
}

/** Returns the operations with the largest total time. Does not sort all of them, because this runs four times a second. */
function selectSlowest(operations: OperationTotals[], count: number): OperationTotals[] {
  if (operations.length <= count) return operations;
  const totals = operations.map((operation) => -operation.totalOrSampledNs);
  quickselect(totals, count - 1);
  const minTotalNs = -(totals[count - 1] as number);
  const slower = operations.filter((operation) => operation.totalOrSampledNs > minTotalNs);
  const equal = operations.filter((operation) => operation.totalOrSampledNs === minTotalNs);
  return [...slower, ...equal.slice(0, count - slower.length)];
}

/** Returns the first operations, as many as have room in a live snapshot. */
function limitLength(operations: OperationState[]): OperationState[] {
  let length = 0;
  return operations.filter(({ component, name, file = '', errorTypes }) => {
    length += component.length + name.length + file.length + textLengthOf(errorTypes);
    return length <= maxLiveLength;
  });
}

function buildComponentState(
  component: ComponentTotals,
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
    active: component.active,
    counters: Object.fromEntries(component.counters),
    gauges: Object.fromEntries(component.gauges),
  };
  const score = computeComponentScore(component);
  const { samples, selfNs } = component.sampled;
  const sampledNs = component.count === 0 && samples > 0 ? selfNs : undefined;
  return { ...state, ...judgeLight(state, thresholds, sampledNs, checks), ...defined({ score }) };
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
  const percent = durationNs > 0 ? finite((costNs / durationNs) * 100) : 0;
  return { recordNs, events, flushNs, hostNs, percent };
}
