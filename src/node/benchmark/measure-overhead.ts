/** What the profiler costs a program, measured from outside: with and without it, in turns. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import type { Cost, Ratio } from '../../core/export/overhead-text.ts';
import { bootstrapMedian, median, seededRandom } from '../../core/statistics/statistics.ts';
import { type BenchOptions, benchmark } from './run-benchmark.ts';
import type { Subject } from './target.ts';

/** Rejects as `benchmark` does. */
export async function measureOverhead(
  subjectOf: (name: string, bare: boolean) => Subject,
  options: BenchOptions,
): Promise<readonly Cost[]> {
  const [without, within] = await benchmark([subjectOf('without', true), subjectOf('with', false)], options);
  return without && within ? costsOf(without, within) : [];
}

/** Of two reports that were measured in turns: what the second costs more than the first, in each case. */
export function costsOf(without: BenchReport, within: BenchReport): readonly Cost[] {
  return without.cases.flatMap((bare) => {
    const measured = within.cases.find(({ name }) => name === bare.name);
    if (!measured) return [];
    const hasTimes = bare.userNs !== undefined && measured.userNs !== undefined && Math.min(...bare.cpuNs) > 0;
    return [
      {
        case: bare.name,
        wall: ratioOf(bare.samplesNs, measured.samplesNs),
        ...(hasTimes ? { processor: ratioOf(bare.cpuNs, measured.cpuNs) } : {}),
        pairs: bare.samplesNs.length,
        events: median([...(measured.events ?? [0])]),
        withoutNs: bare.medianNs,
        withNs: measured.medianNs,
      },
    ];
  });
}

/** Of pairs that ran one after the other: what slows the machine for a while hits both. */
function ratioOf(without: readonly number[], within: readonly number[]): Ratio {
  const ratios = within.map((value, index) => value / (without[index] as number));
  return { ratio: median([...ratios]), ...bootstrapMedian(ratios, { random: seededRandom(1) }) };
}
