/** Measures one run of a scenario: the process from outside, and its operations as reported by the probe. */
import type { OperationSample, RunSample } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import type { Pipeline } from '../run/pipelines.ts';
import { Session } from '../session.ts';
import { type CpuTime, readChildCpuTime } from './child-cpu-time.ts';
import type { BenchmarkTarget, Scenario } from './target.ts';

export interface MeasureRunOptions {
  readonly dist: string;
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
  /** This process has no other children during the run, so the CPU time of all its children is that of the run. */
  readonly alone?: boolean;
  /** Accepts runs with a non-zero exit code, e.g. of a linter that reports findings. */
  readonly ignoreFailure?: boolean;
}

/** Runs a scenario once. Rejects with a HumanError if the run fails, and with the signal's reason if it is cancelled. */
export async function measureRun(
  target: BenchmarkTarget,
  scenario: Scenario,
  data: string,
  options: MeasureRunOptions,
): Promise<RunSample> {
  const { dist, signal, log = () => undefined, alone = false } = options;
  signal?.throwIfAborted();
  // The report names the commit. To read it again for each run would be counted as CPU time of the run.
  const session = new Session({ dist, data, log, readsGit: false });
  const stop = (): void => void session.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const before = alone ? readChildCpuTime() : undefined;
  try {
    const { run } = await session.launch(scenario.launch(data));
    signal?.throwIfAborted();
    const isAccepted = run.result === 'success' || (options.ignoreFailure === true && run.exitCode !== undefined);
    if (!isAccepted) throw new HumanError(`Benchmark stopped because a run failed: ${run.message ?? run.result}`);
    const after = alone ? readChildCpuTime() : undefined;
    return toRunSample(session.exportSnapshot(), target.pipeline, before && after && differenceOf(before, after));
  } finally {
    signal?.removeEventListener('abort', stop);
    session.dispose();
  }
}

function differenceOf(before: CpuTime, after: CpuTime): CpuTime {
  return { userNs: after.userNs - before.userNs, systemNs: after.systemNs - before.systemNs };
}

function toRunSample(
  { run, resources, operations, components }: Snapshot,
  { unit }: Pipeline,
  cpuTime?: CpuTime,
): RunSample {
  const wallNs = run.processNs ?? run.durationNs;
  const items = unit && components.find(({ name }) => name === unit.component)?.counters[unit.noun];
  const unitOperation =
    unit && operations.find(({ component, name }) => component === unit.component && name === unit.operation);
  const calls = operations.reduce((sum, { count }) => sum + count, 0);
  const errors = operations.reduce((sum, operation) => sum + operation.errors, 0);
  return {
    wallNs,
    cpuNs: cpuTime ? cpuTime.userNs + cpuTime.systemNs : resources.cpuNs,
    ...cpuTime,
    peakRssBytes: resources.peakRssBytes,
    ...(items ? { perSecond: items / (wallNs / 1e9) } : {}),
    ...defined({ p95Ns: unitOperation?.p95Ns }),
    ...(calls > 0 ? { errorRatio: errors / calls } : {}),
    events: operations.reduce((sum, { timed, count, samples = 0 }) => sum + (timed ?? count) + samples, 0),
    operations: operations.flatMap(toOperationSample),
  };
}

/** Returns an empty array for operations without a duration, such as caches and functions that were only counted. */
function toOperationSample(state: OperationState): OperationSample[] {
  const { component, name, file, line, source, totalNs, count, timed = count } = state;
  if (totalNs <= 0 || state.partial) return [];
  const valueNs = source === 'sampled' ? totalNs : timed > 0 ? totalNs / timed : 0;
  if (valueNs <= 0) return [];
  return [{ component, name, ...defined({ file, line }), source, valueNs, count }];
}
