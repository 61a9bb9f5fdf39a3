/** Measures profiler overhead from outside: runs a program with and without the probe, alternately. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OverheadResult, RatioInterval } from '../../core/export/overhead-text.ts';
import { median, medianInterval } from '../../core/statistics/statistics.ts';
import { createTemporaryFolder } from '../storage/temporary-folder.ts';
import { interleave, maxAutoRuns } from './interleave.ts';
import { measureRun, type SessionRun } from './measure-run.ts';
import type { BenchOptions } from './run-benchmark.ts';
import { type BenchmarkTarget, type Scenario, type TargetOptions, type TargetSource, targetOf } from './target.ts';

/** Runs of one scenario, with or without the probe. Both kinds are started and measured in the same way. */
export interface OverheadSeries {
  readonly case: string;
  readonly runs: readonly SessionRun[];
}

/** Returns one result for each scenario. Rejects with a HumanError if a run fails. */
export async function measureOverhead(
  source: TargetSource,
  { workspace }: Pick<TargetOptions, 'workspace'>,
  options: BenchOptions,
): Promise<readonly OverheadResult[]> {
  const targets = [
    targetOf(source, { workspace, name: 'without', noProbe: true }),
    targetOf(source, { workspace, name: 'with' }),
  ];
  const [withoutProbe = [], withProbe = []] = await runSessions(targets, options);
  return overheadsBetween(withoutProbe, withProbe);
}

interface SessionSeries {
  readonly target: BenchmarkTarget;
  readonly scenario: Scenario;
  readonly data: string;
  readonly runs: SessionRun[];
  readonly wallTimesNs: number[];
}

/** Runs targets alternately. Returns the series of each target, in the same order. */
export async function runSessions(
  targets: readonly BenchmarkTarget[],
  options: BenchOptions,
): Promise<readonly (readonly OverheadSeries[])[]> {
  const { runs, warmup, signal, onProgress } = options;
  const folder = createTemporaryFolder('pipescope-bench-');
  try {
    const allSeries = targets.flatMap((target, index) =>
      target.scenarios.map(
        (scenario): SessionSeries => ({
          target,
          scenario,
          data: join(folder, String(index)),
          runs: [],
          wallTimesNs: [],
        }),
      ),
    );
    const total = (warmup + (runs === 'auto' ? maxAutoRuns : runs)) * allSeries.length;
    let done = 0;
    await interleave(allSeries, {
      runs,
      warmup,
      signal,
      runOnce: async ({ target, scenario, data, ...results }, isWarmup) => {
        const labels = [...(isWarmup ? ['warm-up'] : []), target.name, scenario.name];
        onProgress?.({ done, total: Math.max(total, done + 1), what: labels.join(', ') });
        const run = await measureRun(target, scenario, data, options);
        done++;
        if (isWarmup) return;
        results.runs.push(run);
        results.wallTimesNs.push(run.wallNs);
      },
    });
    return targets.map((target) =>
      allSeries
        .filter((series) => series.target === target)
        .map(({ scenario, runs: measured }) => ({ case: scenario.name, runs: measured })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Compares series measured in interleaved runs: the extra cost of the second in each scenario of the first. */
export function overheadsBetween(
  withoutProbe: readonly OverheadSeries[],
  withProbe: readonly OverheadSeries[],
): readonly OverheadResult[] {
  return withoutProbe.flatMap(({ case: name, runs: without }) => {
    const { runs: profiled = [] } = withProbe.find((series) => series.case === name) ?? {};
    if (without.length === 0 || profiled.length === 0) return [];
    const processor = ratioOf(without.map(cpuOf), profiled.map(cpuOf));
    return [
      {
        case: name,
        wall: ratioOf(without.map(wallOf), profiled.map(wallOf)) as RatioInterval,
        ...(processor ? { processor } : {}),
        pairs: without.length,
        events: median(profiled.map(({ events = 0 }) => events)),
        withoutNs: median(without.map(wallOf)),
        withNs: median(profiled.map(wallOf)),
      },
    ];
  });
}

function wallOf({ wallNs }: SessionRun): number {
  return wallNs;
}

function cpuOf({ cpuNs = 0 }: SessionRun): number {
  return cpuNs;
}

/**
 * Returns the median ratio of pairs that ran one after the other: a temporary slowdown of the machine affects both. Returns
 * undefined if a value was not measured.
 */
function ratioOf(withoutProbe: readonly number[], withProbe: readonly number[]): RatioInterval | undefined {
  if (Math.min(...withoutProbe) <= 0) return undefined;
  const ratios = withProbe.map((value, index) => value / (withoutProbe[index] as number));
  return { ratio: median([...ratios]), ...medianInterval(ratios) };
}
