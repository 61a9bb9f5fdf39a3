/** The measures that a benchmark is judged by, with their limits, and the severity of regressions. */
import type { RegressionSeverity, RegressionType } from '../../protocol/panel/benchmark-state.ts';
import type { Unit } from '../../protocol/snapshot.ts';
import type { BenchCase } from './bench-report.ts';

export interface Measure {
  readonly id: 'wall' | 'processor' | 'throughput' | 'p95' | 'memory';
  readonly title: string;
  readonly unit: Unit;
  readonly type: RegressionType;
  /** Direction of change that is worse. */
  readonly worse: 'more' | 'less';
  /** Ratio of candidate to baseline beyond which a change for the worse is a regression. */
  readonly limit: number;
  /** Shown, but without effect on the verdict: doing more work in less time is not a regression. */
  readonly informational?: true;
  /** Returns one value per run, or undefined if the case does not have this measure. */
  readonly valuesOf: (benchCase: BenchCase) => readonly number[] | undefined;
}

/** Add a row to add a measure. */
export const measures: readonly Measure[] = [
  {
    id: 'wall',
    title: 'wall time',
    unit: 'ns',
    type: 'latency_increase',
    worse: 'more',
    limit: 1.2,
    valuesOf: ({ samplesNs }) => samplesNs,
  },
  {
    id: 'processor',
    title: 'CPU time',
    unit: 'ns',
    type: 'latency_increase',
    worse: 'more',
    limit: 1.2,
    informational: true,
    // Without `userNs`, CPU time was sampled from outside, so that the time after the last sample is missing.
    valuesOf: ({ userNs, cpuNs }) => (userNs ? measured(cpuNs) : undefined),
  },
  {
    id: 'throughput',
    title: 'throughput',
    unit: '1/s',
    type: 'throughput_degradation',
    worse: 'less',
    limit: 0.8,
    valuesOf: ({ perSecond }) => perSecond,
  },
  {
    id: 'p95',
    title: 'p95 per item',
    unit: 'ns',
    type: 'latency_increase',
    worse: 'more',
    limit: 1.2,
    valuesOf: ({ p95Ns }) => p95Ns,
  },
  {
    id: 'memory',
    title: 'peak memory',
    unit: 'bytes',
    type: 'memory_increase',
    worse: 'more',
    limit: 1.3,
    valuesOf: ({ peakRssBytes }) => measured(peakRssBytes),
  },
];

/** Returns undefined for a list with zeros, which reports of earlier versions contain for runs that were not measured. */
function measured(values: readonly number[] | undefined): readonly number[] | undefined {
  return values?.every((value) => value > 0) ? values : undefined;
}

/** Ratio of an operation's times per call beyond which it is a regression. */
export const maxOperationRatio = 1.2;
/** Ratio of the shares of failed calls beyond which it is a regression. */
export const maxErrorRatioIncrease = 2;

/** Returns the severity of a relative change; 0.31 is 31 %. */
export function severityOf(share: number): RegressionSeverity {
  const size = Math.abs(share);
  if (size > 0.5) return 'critical';
  if (size > 0.3) return 'major';
  return size > 0.15 ? 'moderate' : 'minor';
}
