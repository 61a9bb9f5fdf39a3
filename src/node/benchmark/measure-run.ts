/** One run of a case as a sample: the whole process from outside, and its operations as its probe told them. */
import type { OperationSample, Sample } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import type { Pipeline } from '../run/launch-spec.ts';
import { Session } from '../session.ts';
import { reapedTimes, type Times } from './child-cpu-time.ts';
import type { Case, Subject } from './target.ts';

export interface RunOptions {
  readonly dist: string;
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
  /** No other child of this process runs meanwhile: the system's own sums can be read. */
  readonly alone?: boolean;
  /** A program that ends with another exit code than 0 is measured too, such as a linter that finds something. */
  readonly ignoreFailure?: boolean;
}

export async function runOnce(subject: Subject, one: Case, data: string, options: RunOptions): Promise<Sample> {
  const { dist, signal, log = () => undefined, alone = false } = options;
  const session = new Session({ dist, data, log });
  const stop = (): void => void session.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const before = alone ? reapedTimes() : undefined;
  try {
    const { run } = await session.launch(one.launch(data));
    signal?.throwIfAborted();
    const ended = run.result === 'success' || (options.ignoreFailure === true && run.exitCode !== undefined);
    if (!ended) {
      throw new HumanError(`The benchmark ended because a run did: ${run.message ?? run.result}`);
    }
    const after = alone ? reapedTimes() : undefined;
    return sampleOf(session.exportSnapshot(), subject.pipeline, before && after && since(before, after));
  } finally {
    signal?.removeEventListener('abort', stop);
    session.dispose();
  }
}

function since(before: Times, after: Times): Times {
  return { userNs: after.userNs - before.userNs, systemNs: after.systemNs - before.systemNs };
}

function sampleOf({ run, resources, operations, components }: Snapshot, pipeline: Pipeline, times?: Times): Sample {
  const wallNs = run.processNs ?? run.durationNs;
  const { unit } = pipeline;
  const handled = unit && components.find(({ name }) => name === unit.component)?.counters[unit.noun];
  const item =
    unit && operations.find(({ component, name }) => component === unit.component && name === unit.operation);
  const calls = operations.reduce((sum, { count }) => sum + count, 0);
  const errors = operations.reduce((sum, one) => sum + one.errors, 0);
  return {
    wallNs,
    cpuNs: times ? times.userNs + times.systemNs : resources.cpuNs,
    ...times,
    peakRssBytes: resources.peakRssBytes,
    ...(handled ? { perSecond: handled / (wallNs / 1e9) } : {}),
    ...(item?.p95Ns === undefined ? {} : { p95Ns: item.p95Ns }),
    ...(calls > 0 ? { errorRatio: errors / calls } : {}),
    events: operations.reduce((sum, { timed, count, samples = 0 }) => sum + (timed ?? count) + samples, 0),
    operations: operations.flatMap(operationOf),
  };
}

/** Nothing of what has no time: caches, and what was only counted. */
function operationOf(state: OperationState): OperationSample[] {
  const { component, name, file, line, source, totalNs, count, timed = count } = state;
  if (totalNs <= 0 || state.partial) return [];
  const valueNs = source === 'sampled' ? totalNs : timed > 0 ? totalNs / timed : 0;
  if (valueNs <= 0) return [];
  const place = defined({ file, line });
  return [{ component, name, ...place, source, valueNs, count }];
}
