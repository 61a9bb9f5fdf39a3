/** Builds the snapshot of a run from what the recorder holds. */
import { quickselect } from 'simple-statistics';
import { textLengthOf } from '../../protocol/batch/memory-budget.ts';
import { finite } from '../../protocol/batch/operation-delta.ts';
import type { CodeTimes } from '../../protocol/code-times.ts';
import { defined } from '../../protocol/defined.ts';
import type { ComponentState, OperationState, Overhead, Resources, Run, Snapshot } from '../../protocol/snapshot.ts';
import { snapshotSchema } from '../../protocol/snapshot.ts';
import { componentTimes } from '../record/components/component-times.ts';
import type { ComponentTotals } from '../record/components/component-totals.ts';
import { HdrBuilder } from '../record/histogram.ts';
import type { OperationTotals } from '../record/operation-totals.ts';
import type { Recorder } from '../record/recorder.ts';
import { functionSlices } from '../record/stacks/function-slices.ts';
import { type CheckCounts, checkCounts } from './check-counts.ts';
import {
  computeComponentScore,
  computeHealth,
  type HealthTotals,
  judgedLookups,
  judgeLight,
  judgeRun,
  type Thresholds,
} from './health.ts';
import { limitDurations } from './limit-durations.ts';

/** Maximum number of operations in a live snapshot; those with the highest rank are listed. */
const maxLiveOperations = 500;
/** Maximum length of the texts of these operations, in UTF-16 code units. */
const maxLiveLength = 1024 * 1024;

/** Part of the run that the series of the code cover in a live snapshot, as long as all others. */
const liveCodeNs = 60e9;
/** Duration of the shortest slices. */
const minSliceNs = 1e9;

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
  const steps = snapshotSteps(recorder, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Builds a complete snapshot of this moment in short steps, because ten thousand histograms take more than a second to
 * encode. What is recorded between two steps is not in it.
 */
export function* snapshotSteps(recorder: Recorder, options: SnapshotOptions): Generator<void, Snapshot> {
  const { operations, omitted } = listOperations(recorder, options.range === 'whole');
  const histograms = options.range === 'whole' ? operations.map((operation) => operation.copyHistogram()) : [];
  const snapshot = assembleSnapshot(recorder, options);
  const states = limitDurations(
    operations.map((operation) => operation.state()),
    { lifeNs: threadTimeNs(recorder, options.run), cpuNs: knownCpuNs(snapshot) },
  );
  if (options.range === 'live') {
    const listed = limitLength(states);
    return { ...snapshot, operations: listed, operationsOmitted: omitted + states.length - listed.length };
  }
  const builder = new HdrBuilder();
  const encoded: OperationState[] = [];
  for (const [index, state] of states.entries()) {
    const histogram = histograms[index]?.encode(builder);
    encoded.push({ ...state, ...defined({ histogram }) });
    yield;
  }
  const stacks = recorder.stacks();
  return { ...snapshot, operations: encoded, operationsOmitted: omitted, ...defined({ stacks }) };
}

/** Returns the CPU time of the run. That of the processes is read less often than stacks are sampled. */
function knownCpuNs({ resources: { cpuNs }, sampledNs = 0 }: Pick<Snapshot, 'resources' | 'sampledNs'>) {
  return cpuNs === undefined ? undefined : Math.max(cpuNs, sampledNs);
}

/** Builds the snapshot without operations. */
function assembleSnapshot(
  recorder: Recorder,
  options: SnapshotOptions,
): Omit<Snapshot, 'operations' | 'operationsOmitted'> {
  const { run, range } = options;
  const whole = range === 'whole';
  const { validation } = recorder;
  const checks = validation && checkCounts(validation);
  const times = componentTimes(recorder.operations.values(), threadTimeNs(recorder, run));
  const components = [...recorder.components.values()].map((component) =>
    buildComponentState(component, {
      totalNs: times.get(component.name) ?? 0,
      nowNs: run.durationNs,
      thresholds: options.thresholds,
      checks: checks?.get(component.name),
    }),
  );
  const resources = buildResources(recorder);
  const isWhole = whole || run.result !== 'running';
  const code = recorder.code.times(recorder.operations.values());
  return {
    schema: snapshotSchema,
    run,
    health: computeHealth(sumForHealth(recorder, run, resources, options.thresholds), judgeRun(run, components)),
    components,
    items: recorder.items.states(),
    spans: recorder.spans.states(),
    series: {
      ...recorder.series.read(isWhole ? 'whole' : 'live'),
      ...(code ? codeSeries(recorder, code, run.durationNs, isWhole) : {}),
    },
    processes: recorder.sources.processes(),
    resources,
    ...defined({ eventLoopBlocks: recorder.blocks.state(), code, validation, samplingNs: recorder.samplingNs }),
    ...defined({ sampledNs: recorder.stackFunctions.totalNs || undefined }),
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

/** Returns the CPU use of the code over time. The last slice, which is shorter, is in it only after the end of the run. */
function codeSeries(recorder: Recorder, code: CodeTimes, durationNs: number, isWhole: boolean): Snapshot['series'] {
  const { sources, code: runCode } = recorder;
  const compute = (): Snapshot['series'] => {
    const startNs = isWhole ? 0 : Math.max(0, durationNs - liveCodeNs);
    const slices = functionSlices(sources.countedStacks(), { startNs, endNs: durationNs });
    if (slices.slices.size === 0) return {};
    const { stepNs } = slices;
    const end = isWhole ? Math.ceil(durationNs / stepNs) : Math.floor(durationNs / stepNs);
    return runCode.series(code, slices, { start: Math.floor(startNs / stepNs), end, endNs: durationNs });
  };
  if (isWhole) return compute();
  const key = [Math.floor(durationNs / minSliceNs), ...code.groups.map(({ kind, name }) => `${kind} ${name}`)].join(
    '\0',
  );
  return runCode.cachedSeries(key, compute);
}

/** Returns the operations to list, the highest rank first, and the number of those left out. */
function listOperations(recorder: Recorder, whole: boolean): { operations: OperationTotals[]; omitted: number } {
  const all = [...recorder.operations.values()].filter((operation) => operation.hasData);
  const operations = whole ? all : selectSlowest(all, maxLiveOperations);
  operations.sort((a, b) => b.rankNs - a.rankNs);
  return { operations, omitted: all.length - operations.length + recorder.operationsOmitted };
}

/** Returns the operations with the highest rank. Does not sort all of them, because this runs four times a second. */
function selectSlowest(operations: OperationTotals[], count: number): OperationTotals[] {
  if (operations.length <= count) return operations;
  const totals = operations.map((operation) => -operation.rankNs);
  quickselect(totals, count - 1);
  const minTotalNs = -(totals[count - 1] as number);
  const slower = operations.filter((operation) => operation.rankNs > minTotalNs);
  const equal = operations.filter((operation) => operation.rankNs === minTotalNs);
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

/** Returns the time that all threads together can have run, as far as it is known: the life of the program for each. */
function threadTimeNs({ sources: { threads } }: Recorder, { processNs, durationNs }: Run): number {
  return threads === undefined ? Number.POSITIVE_INFINITY : finite((processNs ?? durationNs) * Math.max(1, threads));
}

interface ComponentContext {
  readonly totalNs: number;
  readonly nowNs: number;
  readonly thresholds: Thresholds;
  readonly checks: CheckCounts | undefined;
}

function buildComponentState(
  component: ComponentTotals,
  { totalNs, nowNs, thresholds, checks }: ComponentContext,
): ComponentState {
  const percentiles = component.percentiles();
  const state = {
    name: component.name,
    count: component.count,
    errors: component.errors,
    errorTypes: Object.fromEntries(component.errorTypes),
    totalNs,
    ...(percentiles ? { p50Ns: percentiles[0], p95Ns: percentiles[1], p99Ns: percentiles[2] } : {}),
    cacheHits: component.hits,
    cacheMisses: component.misses,
    ratePerSecond: component.ratePerSecond(nowNs),
    active: component.active,
    counters: Object.fromEntries(component.counters),
    gauges: Object.fromEntries([...component.gauges].map(([name, gauge]) => [name, gauge.state()])),
  };
  const { samples, selfNs } = component.sampled;
  const sampledNs = component.count === 0 && samples > 0 ? selfNs : undefined;
  const judgement = judgeLight(state, thresholds, sampledNs, checks);
  const { count, errors } = component;
  const score = computeComponentScore({ count, errors, ...judgedLookups(component, thresholds) }, judgement.light);
  return { ...state, ...judgement, ...defined({ score }) };
}

/** Sums all components. Speed is that of the unit operation, if any: a mean over unrelated operations is meaningless. */
function sumForHealth(recorder: Recorder, run: Run, resources: Resources, thresholds: Thresholds): HealthTotals {
  const components = [...recorder.components.values()];
  const sum = (select: (component: ComponentTotals) => number): number =>
    components.reduce((total, component) => total + select(component), 0);
  const count = sum((component) => component.count);
  const unit = run.unit && recorder.operations.get(`${run.unit.component}\0${run.unit.operation}`);
  const timed = unit && unit.count > 0 ? unit : { count, durationsNs: sum((component) => component.durationsNs) };
  return {
    count,
    errors: sum((component) => component.errors),
    hits: sum((component) => judgedLookups(component, thresholds).hits),
    misses: sum((component) => judgedLookups(component, thresholds).misses),
    meanNs: timed.count > 0 ? timed.durationsNs / timed.count : 0,
    ...defined({ memoryBytes: resources.rssBytes }),
  };
}

function buildResources(recorder: Recorder): Resources {
  const probed = recorder.sources.resources();
  const { usage, latest, cpuRatio } = recorder.tree;
  // The sum only grows, so the highest of several measurements is the newest. Zero means that there is none.
  const positive = (...values: readonly (number | undefined)[]): number | undefined =>
    Math.max(...values.map((value) => value ?? 0)) || undefined;
  return {
    ...defined({
      peakRssBytes: positive(usage.peakRssBytes, probed.peakRssBytes),
      rssBytes: latest?.rssBytes || probed.rssBytes || undefined,
      cpuNs: positive(usage.cpuNs, probed.cpuNs),

      cpuRatio,
      threads: latest?.threads,
      readBytes: latest?.readBytes,
      writtenBytes: latest?.writtenBytes,
      heapBytes: probed.heapBytes || undefined,
      gcNs: probed.gcNs || undefined,
    }),
    processes: latest?.processes ?? (usage.cpuNs !== undefined || probed.rssBytes > 0 ? 1 : 0),
    scope: usage.cpuNs !== undefined ? 'tree' : 'process',
  };
}

function computeOverhead(recorder: Recorder, durationNs: number, hostNs: number): Overhead {
  const { recordNs, events, counted, callsNs, flushNs } = recorder.sources.cost();
  const percent = durationNs > 0 ? finite(((callsNs + flushNs + hostNs) / durationNs) * 100) : 0;
  return { recordNs, events, ...(counted > 0 ? { counted } : {}), callsNs, flushNs, hostNs, percent };
}
