/** A benchmark in the shapes that other tools read: our own result rows, github-action-benchmark's and hyperfine's. */
import type { BenchCase, BenchReport } from '../benchmark/bench-report.ts';
import { median } from '../statistics/statistics.ts';

/** One row for each case, with the fields of the trait that this tool was modelled on (spec S1-09); `null` where unknown. */
export interface ResultRow {
  readonly name: string;
  readonly ops_per_second: number | null;
  readonly latency_stats: Readonly<
    Record<'avg_ms' | 'p50_ms' | 'p95_ms' | 'p99_ms' | 'max_ms' | 'min_ms', number | null>
  >;
  readonly memory_usage_mb: number | null;
  readonly error_rate: number | null;
  /** Seconds of all runs together. */
  readonly execution_duration: number;
  readonly timestamp: string;
  readonly additional_metrics: Readonly<Record<string, number>>;
}

export function resultRows(report: BenchReport): readonly ResultRow[] {
  return report.cases.map((one) => {
    const sorted = [...one.samplesNs].sort((a, b) => a - b);
    const sumNs = sorted.reduce((sum, value) => sum + value, 0);
    const ms = (ns: number | undefined): number | null => (ns === undefined ? null : ns / 1e6);
    return {
      name: `${report.pipeline}/${one.name}`,
      ops_per_second: middle(one.perSecond) ?? (one.medianNs > 0 ? 1e9 / one.medianNs : null),
      latency_stats: {
        avg_ms: sorted.length > 0 ? sumNs / sorted.length / 1e6 : null,
        p50_ms: ms(nearestRank(sorted, 0.5)),
        p95_ms: ms(nearestRank(sorted, 0.95)),
        p99_ms: ms(nearestRank(sorted, 0.99)),
        max_ms: ms(sorted.at(-1)),
        min_ms: ms(sorted[0]),
      },
      memory_usage_mb: nullable(middle(one.peakRssBytes), 1 / 1e6),
      error_rate: nullable(middle(one.errorRatios)),
      execution_duration: sumNs / 1e9,
      timestamp: report.at,
      additional_metrics: additionalOf(one),
    };
  });
}

function additionalOf(one: BenchCase): Readonly<Record<string, number>> {
  const [user, system] = [middle(one.userNs), middle(one.systemNs)];
  return {
    runs: one.samplesNs.length,
    mad_ms: one.madNs / 1e6,
    cpu_ms: (middle(one.cpuNs) ?? 0) / 1e6,
    ...(user === undefined ? {} : { user_ms: user / 1e6 }),
    ...(system === undefined ? {} : { system_ms: system / 1e6 }),
  };
}

/** The array that github-action-benchmark takes as `customSmallerIsBetter`. */
export function smallerIsBetter(report: BenchReport): readonly Readonly<Record<string, string | number>>[] {
  return report.cases.flatMap((one) => [
    {
      name: `${report.pipeline}/${one.name}: wall time`,
      unit: 'ms',
      value: one.medianNs / 1e6,
      range: `± ${(one.madNs / 1e6).toFixed(3)}`,
      extra: `95 % interval ${one.lowNs / 1e6} to ${one.highNs / 1e6} ms\n${one.samplesNs.length} runs`,
    },
    {
      name: `${report.pipeline}/${one.name}: peak memory`,
      unit: 'bytes',
      value: middle(one.peakRssBytes) ?? 0,
      extra: `${one.samplesNs.length} runs`,
    },
  ]);
}

/** As hyperfine's `--export-json` writes it: seconds. */
export function hyperfineOf(report: BenchReport): { readonly results: readonly unknown[] } {
  const seconds = (ns: number | undefined): number | null => (ns === undefined ? null : ns / 1e9);
  return {
    results: report.cases.map((one) => {
      const times = one.samplesNs.map((ns) => ns / 1e9);
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
      const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
      return {
        command: `${report.benchmark}: ${one.name}`,
        mean,
        stddev: times.length > 1 ? Math.sqrt(variance) : null,
        median: one.medianNs / 1e9,
        user: seconds(average(one.userNs)),
        system: seconds(average(one.systemNs)),
        min: one.minNs / 1e9,
        max: one.maxNs / 1e9,
        times,
        memory_usage_byte: one.peakRssBytes,
        exit_codes: times.map(() => 0),
      };
    }),
  };
}

function nearestRank(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function middle(values: readonly number[] | undefined): number | undefined {
  return values?.length ? median([...values]) : undefined;
}

function average(values: readonly number[] | undefined): number | undefined {
  return values?.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}

function nullable(value: number | undefined, factor = 1): number | null {
  return value === undefined ? null : value * factor;
}
