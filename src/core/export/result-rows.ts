/** Converts benchmark reports to result rows and to the formats of github-action-benchmark and hyperfine. */
import { defined } from '../../protocol/defined.ts';
import { plural } from '../../protocol/plural.ts';
import type { BenchCase, BenchReport } from '../benchmark/bench-report.ts';
import { describeFailures } from '../benchmark/run-warnings.ts';
import { median } from '../statistics/statistics.ts';

/** Result of one case; unknown values are null. The names are part of the JSON export. */
interface ResultRow {
  readonly name: string;
  readonly ops_per_second: number | null;
  readonly latency_stats: Readonly<
    Record<'avg_ms' | 'p50_ms' | 'p95_ms' | 'p99_ms' | 'max_ms' | 'min_ms', number | null>
  >;
  readonly memory_usage_mb: number | null;
  readonly error_rate: number | null;
  /** Sum of the wall times of all runs, in seconds. */
  readonly execution_duration: number;
  readonly timestamp: string;
  readonly additional_metrics: Readonly<Record<string, number>>;
}

export function toResultRows(report: BenchReport): readonly ResultRow[] {
  return report.cases.map((benchCase) => {
    const sorted = [...benchCase.samplesNs].sort((a, b) => a - b);
    const sumNs = sorted.reduce((sum, value) => sum + value, 0);
    const ms = (ns: number | undefined): number | null => (ns === undefined ? null : ns / 1e6);
    return {
      name: `${report.pipeline}/${benchCase.name}`,
      ops_per_second:
        medianOrUndefined(benchCase.perSecond) ?? (benchCase.medianNs > 0 ? 1e9 / benchCase.medianNs : null),
      latency_stats: {
        avg_ms: sorted.length > 0 ? sumNs / sorted.length / 1e6 : null,
        p50_ms: ms(nearestRank(sorted, 0.5)),
        p95_ms: ms(nearestRank(sorted, 0.95)),
        p99_ms: ms(nearestRank(sorted, 0.99)),
        max_ms: ms(sorted.at(-1)),
        min_ms: ms(sorted[0]),
      },
      memory_usage_mb: scaleOrNull(medianOrUndefined(benchCase.peakRssBytes), 1 / 1e6),
      error_rate: scaleOrNull(medianOrUndefined(benchCase.errorRatios)),
      execution_duration: sumNs / 1e9,
      timestamp: report.at,
      additional_metrics: additionalMetrics(benchCase),
    };
  });
}

function additionalMetrics(benchCase: BenchCase): Readonly<Record<string, number>> {
  const { samplesNs, madNs, cpuNs, userNs, systemNs, exitCodes, profiled } = benchCase;
  const ms = (ns: number | undefined): number | undefined => (ns === undefined ? undefined : ns / 1e6);
  return defined({
    runs: samplesNs.length,
    mad_ms: ms(madNs),
    cpu_ms: ms(medianOrUndefined(cpuNs)),
    user_ms: ms(medianOrUndefined(userNs)),
    system_ms: ms(medianOrUndefined(systemNs)),
    failed_runs: exitCodes?.filter((code) => code !== 0).length,
    profiled_runs: profiled?.samplesNs.length,
  });
}

type ActionRow = Readonly<Record<string, string | number>>;

/** Returns the array that github-action-benchmark accepts as `customSmallerIsBetter`. */
export function smallerIsBetterRows(report: BenchReport): readonly ActionRow[] {
  return report.cases.flatMap((benchCase) => {
    const { name, medianNs, madNs, lowNs, highNs, samplesNs, peakRssBytes, exitCodes = [] } = benchCase;
    const runs = plural(samplesNs.length, 'run');
    const interval =
      lowNs === undefined || highNs === undefined ? [] : [`95 % interval ${lowNs / 1e6} to ${highNs / 1e6} ms`];
    const failures = describeFailures(exitCodes);
    const wall: ActionRow = {
      name: `${report.pipeline}/${name}: wall time`,
      unit: 'ms',
      value: medianNs / 1e6,
      ...(madNs === undefined ? {} : { range: `± ${(madNs / 1e6).toFixed(3)}` }),
      extra: [...interval, runs, ...(failures === undefined ? [] : [failures])].join('\n'),
    };
    const memory = medianOrUndefined(peakRssBytes);
    if (memory === undefined) return [wall];
    return [wall, { name: `${report.pipeline}/${name}: peak memory`, unit: 'bytes', value: memory, extra: runs }];
  });
}

/** Returns the format of hyperfine's `--export-json`, which uses seconds. Lists that were not measured are left out. */
export function toHyperfine(report: BenchReport): { readonly results: readonly unknown[] } {
  const seconds = (ns: number | undefined): number | null => (ns === undefined ? null : ns / 1e9);
  return {
    results: report.cases.map((benchCase) => {
      const times = benchCase.samplesNs.map((ns) => ns / 1e9);
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
      const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
      return {
        command: `${report.benchmark}: ${benchCase.name}`,
        mean,
        stddev: times.length > 1 ? Math.sqrt(variance) : null,
        median: benchCase.medianNs / 1e9,
        user: seconds(meanOrUndefined(benchCase.userNs)),
        system: seconds(meanOrUndefined(benchCase.systemNs)),
        min: benchCase.minNs / 1e9,
        max: benchCase.maxNs / 1e9,
        times,
        ...defined({ memory_usage_byte: benchCase.peakRssBytes, exit_codes: benchCase.exitCodes }),
      };
    }),
  };
}

function nearestRank(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function medianOrUndefined(values: readonly number[] | undefined): number | undefined {
  return values?.length ? median([...values]) : undefined;
}

function meanOrUndefined(values: readonly number[] | undefined): number | undefined {
  return values?.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}

function scaleOrNull(value: number | undefined, factor = 1): number | null {
  return value === undefined ? null : value * factor;
}
