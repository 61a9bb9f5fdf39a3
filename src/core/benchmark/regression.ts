/** The measures that a benchmark is judged by, from when on a change is a regression, and how severe it is. */
import type { RegressionSeverity, RegressionType } from '../../protocol/benchmark-state.ts';
import type { Unit } from '../../protocol/snapshot.ts';
import type { BenchCase } from './bench-report.ts';

export interface Measure {
  readonly id: 'wall' | 'processor' | 'throughput' | 'p95' | 'memory';
  readonly title: string;
  readonly unit: Unit;
  readonly type: RegressionType;
  /** Which way is worse. */
  readonly worse: 'more' | 'less';
  /** Candidate over baseline, beyond which a change is a regression (spec S1-11; strict). */
  readonly limit: number;
  /** It is shown beside the others and has no say: more work in less time is no regression. */
  readonly shown?: true;
  /** Its values, one a run; nothing where the case does not have them. */
  readonly valuesOf: (one: BenchCase) => readonly number[] | undefined;
}

/** A row adds one; the first is what a case's own verdict is. */
export const measures: readonly Measure[] = [
  {
    id: 'wall',
    title: 'wall time',
    unit: 'ns',
    type: 'latency_increase',
    worse: 'more',
    limit: 1.2,
    valuesOf: (one) => one.samplesNs,
  },
  {
    id: 'processor',
    title: 'processor time',
    unit: 'ns',
    type: 'latency_increase',
    worse: 'more',
    limit: 1.2,
    shown: true,
    // Without user and system apart it was looked at from outside now and then, and its last part is missing.
    valuesOf: (one) => (one.userNs ? one.cpuNs : undefined),
  },
  {
    id: 'throughput',
    title: 'throughput',
    unit: '1/s',
    type: 'throughput_degradation',
    worse: 'less',
    limit: 0.8,
    valuesOf: (one) => one.perSecond,
  },
  {
    id: 'p95',
    title: 'p95 of an item',
    unit: 'ns',
    type: 'latency_increase',
    worse: 'more',
    limit: 1.2,
    valuesOf: (one) => one.p95Ns,
  },
  {
    id: 'memory',
    title: 'peak memory',
    unit: 'bytes',
    type: 'memory_increase',
    worse: 'more',
    limit: 1.3,
    valuesOf: (one) => one.peakRssBytes,
  },
];

/** Of an operation's time a call. */
export const operationLimit = 1.2;
/** Of the share of failed calls. */
export const errorLimit = 2;

/** How bad a change is by its share (spec S1-12): 0.31 is 31 %. */
export function severityOf(share: number): RegressionSeverity {
  const size = Math.abs(share);
  if (size > 0.5) return 'critical';
  if (size > 0.3) return 'major';
  return size > 0.15 ? 'moderate' : 'minor';
}
