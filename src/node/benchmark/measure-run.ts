/** Measures one run of a scenario with the probe: its operations, and the process from outside. */
import type { OperationSample, ProfiledSample } from '../../core/benchmark/summarize-case.ts';
import { HumanError } from '../../core/human-error.ts';
import { isForeignComponent, profilerComponent } from '../../core/snapshot/foreign-component.ts';
import { averageNsOf } from '../../core/snapshot/operation-times.ts';
import { defined } from '../../protocol/defined.ts';
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import type { Pipeline } from '../run/pipelines.ts';
import { Session } from '../session.ts';
import type { BenchmarkTarget, Scenario } from './target.ts';
import { readChildCpuTime } from './timer/child-cpu-time.ts';

export interface MeasureRunOptions {
  readonly dist: string;
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
  /** This process has no other children during the run, so the CPU time of all its children is that of the run. */
  readonly alone?: boolean;
  /** Accepts runs that fail, e.g. of a linter that reports findings. */
  readonly ignoreFailure?: boolean;
}

export interface SessionRun extends ProfiledSample {
  /** CPU time of all processes of the run; absent if the system does not report it, or not for this run alone. */
  readonly cpuNs?: number;
}

/** Runs a scenario once. Rejects with a HumanError if the run fails, and with the signal's reason if it is cancelled. */
export async function measureRun(
  target: BenchmarkTarget,
  scenario: Scenario,
  data: string,
  options: MeasureRunOptions,
): Promise<SessionRun> {
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
    if (run.result !== 'success' && !options.ignoreFailure) {
      throw new HumanError(`Benchmark stopped because a run failed: ${run.message ?? run.result}`);
    }
    const after = before && readChildCpuTime();
    const cpuNs = after && after.userNs + after.systemNs - before.userNs - before.systemNs;
    return { ...toProfiledSample(session.exportSnapshot(), target.pipeline), ...defined({ cpuNs }) };
  } finally {
    signal?.removeEventListener('abort', stop);
    session.dispose();
  }
}

function toProfiledSample({ run, operations, components }: Snapshot, { unit }: Pipeline): ProfiledSample {
  const items = unit && components.find(({ name }) => name === unit.component)?.counters[unit.noun];
  const unitOperation =
    unit && operations.find(({ component, name }) => component === unit.component && name === unit.operation);
  const calls = operations.reduce((sum, { count }) => sum + count, 0);
  const errors = operations.reduce((sum, operation) => sum + operation.errors, 0);
  return {
    wallNs: run.processNs ?? run.durationNs,
    ...defined({ items: items || undefined, p95Ns: unitOperation?.p95Ns }),
    ...(calls > 0 ? { errorRatio: errors / calls } : {}),
    events: operations.reduce((sum, { timed, count, samples = 0 }) => sum + (timed ?? count) + samples, 0),
    operations: toOperationSamples(operations),
  };
}

/**
 * Returns the operations with a duration: not caches, and not functions that were only counted. Code that is not the user's
 * becomes one operation per package or owner, because hundreds of rows would hide a change of the user's own functions.
 */
export function toOperationSamples(operations: readonly OperationState[]): readonly OperationSample[] {
  const isForeign = ({ component, source }: OperationState): boolean =>
    source === 'sampled' && isForeignComponent(component);
  const foreign = Map.groupBy(operations.filter(isForeign), ({ component }) => component);
  // Not a part of the program.
  foreign.delete(profilerComponent);
  return [
    ...operations.filter((state) => !isForeign(state)).flatMap(toOperationSample),
    ...[...foreign].flatMap(([component, states]) => toForeignSample(component, states)),
  ];
}

/**
 * The value times the number of calls is the sum of the durations. Of recursive and overlapping calls, this is more than the
 * total, which is the time in which at least one of them was in progress.
 */
function toOperationSample(state: OperationState): OperationSample[] {
  const { component, name, file, line, source, totalNs, count } = state;
  const valueNs = source === 'sampled' ? totalNs : averageNsOf(state);
  if (!valueNs || totalNs <= 0 || state.partial) return [];
  return [{ component, name, ...defined({ file, line }), source, valueNs, totalNs, count }];
}

/** Returns the time that ran in the code of a package or owner itself: total times of its functions would overlap. */
function toForeignSample(component: string, states: readonly OperationState[]): OperationSample[] {
  const valueNs = states.reduce((sum, { selfNs = 0 }) => sum + selfNs, 0);
  return valueNs > 0 ? [{ component, name: component, source: 'sampled', valueNs, totalNs: valueNs, count: 0 }] : [];
}
