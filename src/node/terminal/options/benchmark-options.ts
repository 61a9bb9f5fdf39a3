/** Reads the arguments that `pipescope bench` and `pipescope overhead` share. */
import type { BenchOptions } from '../../benchmark/run-benchmark.ts';
import type { TargetSource } from '../../benchmark/target.ts';
import type { Pipeline } from '../../run/pipelines.ts';
import { assertNoPipeline, foldersOf, type Invocation, parseWholeNumber, type RunFolders } from '../invocation.ts';
import { selectPipeline } from '../select-pipeline.ts';

export interface SelectedTarget extends RunFolders {
  readonly source: TargetSource;
}

/** Returns what to measure: the pipeline named by the first argument, or the command after `--`. */
export function selectTarget(invocation: Invocation, extraPipelines: readonly Pipeline[] = []): SelectedTarget {
  const [program, ...args] = invocation.command;
  if (program === undefined) {
    const { pipeline, ...folders } = selectPipeline(invocation, extraPipelines);
    return { ...folders, source: { kind: 'pipeline', pipeline, dist: invocation.dist } };
  }
  assertNoPipeline(invocation);
  return { ...foldersOf(invocation), source: { kind: 'command', argv: [program, ...args] } };
}

/** Reads how often and how to measure. Throws a UsageError if a number is invalid. */
export function readBenchOptions({ options, dist, signal }: Invocation): BenchOptions {
  return {
    dist,
    signal,
    alone: true,
    ...(options['ignore-failure'] ? { ignoreFailure: true } : {}),
    runs: options.runs === undefined ? 'auto' : parseWholeNumber('runs', options.runs, { fallback: 10, min: 1 }),
    warmup: parseWholeNumber('warmup', options.warmup, { fallback: 1, min: 0 }),
  };
}

/** Formats the number of the current run for the status line. */
export function formatRunNumber(done: number, total: number): string {
  return `run ${Math.min(done + 1, total)} of ${total}`;
}
