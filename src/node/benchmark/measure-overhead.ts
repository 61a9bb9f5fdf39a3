/** Measures profiler overhead from outside: runs a program with and without the probe, alternately. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import type { OverheadResult, RatioInterval } from '../../core/export/overhead-text.ts';
import { bootstrapMedian, median, seededRandom } from '../../core/statistics/statistics.ts';
import { type BenchOptions, benchmark } from './run-benchmark.ts';
import { type TargetOptions, type TargetSource, targetOf } from './target.ts';

/** Returns one result for each scenario. Rejects like `benchmark`. */
export async function measureOverhead(
  source: TargetSource,
  { workspace }: Pick<TargetOptions, 'workspace'>,
  options: BenchOptions,
): Promise<readonly OverheadResult[]> {
  const targets = [
    targetOf(source, { workspace, name: 'without', noProbe: true }),
    targetOf(source, { workspace, name: 'with' }),
  ] as const;
  const [withoutProbe, withProbe] = await benchmark(targets, options);
  return withoutProbe && withProbe ? overheadsBetween(withoutProbe, withProbe) : [];
}

/** Compares two reports measured in interleaved runs: the extra cost of the second in each scenario of the first. */
export function overheadsBetween(withoutProbe: BenchReport, withProbe: BenchReport): readonly OverheadResult[] {
  return withoutProbe.cases.flatMap((unprofiled) => {
    const profiled = withProbe.cases.find(({ name }) => name === unprofiled.name);
    if (!profiled) return [];
    const hasCpuTimes =
      unprofiled.userNs !== undefined && profiled.userNs !== undefined && Math.min(...unprofiled.cpuNs) > 0;
    return [
      {
        case: unprofiled.name,
        wall: ratioOf(unprofiled.samplesNs, profiled.samplesNs),
        ...(hasCpuTimes ? { processor: ratioOf(unprofiled.cpuNs, profiled.cpuNs) } : {}),
        pairs: unprofiled.samplesNs.length,
        events: median([...(profiled.events ?? [0])]),
        withoutNs: unprofiled.medianNs,
        withNs: profiled.medianNs,
      },
    ];
  });
}

/** Returns the median ratio of pairs that ran one after the other: a temporary slowdown of the machine affects both. */
function ratioOf(withoutProbe: readonly number[], withProbe: readonly number[]): RatioInterval {
  const ratios = withProbe.map((value, index) => value / (withoutProbe[index] as number));
  return { ratio: median([...ratios]), ...bootstrapMedian(ratios, { random: seededRandom(1) }) };
}
