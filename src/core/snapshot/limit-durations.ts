/**
 * Limits durations to what is possible. An estimate may exceed it, and a clock cannot tell running from waiting in a system
 * call or for a processor.
 */
import { defined } from '../../protocol/defined.ts';
import type { OperationState } from '../../protocol/snapshot.ts';
import { sumSelfNs } from './operation-times.ts';

interface DurationLimits {
  /** Life of the program times its number of threads. */
  readonly lifeNs: number;
  /** CPU time of the run; absent if unknown. */
  readonly cpuNs?: number | undefined;
}

/**
 * Returns the operations, each with at most the possible total time, and with self times that add up to at most the CPU
 * time. If they add up to more, estimated ones are scaled down, and measured ones only if that is not enough.
 */
export function limitDurations(operations: readonly OperationState[], limits: DurationLimits): OperationState[] {
  const limited = operations.map((operation) => limitTotal(operation, limits.lifeNs));
  const { cpuNs = Number.POSITIVE_INFINITY } = limits;
  const measuredNs = sumSelfNs(limited.filter(isMeasured));
  const estimatedNs = sumSelfNs(limited.filter((operation) => !isMeasured(operation)));
  if (cpuNs <= 0 || measuredNs + estimatedNs <= cpuNs) return limited;
  const factors = {
    measured: Math.min(1, cpuNs / measuredNs),
    estimated: Math.max(0, cpuNs - measuredNs) / estimatedNs,
  };
  return limited.map((operation) => {
    if (!operation.selfNs) return operation;
    return { ...operation, selfNs: operation.selfNs * factors[isMeasured(operation) ? 'measured' : 'estimated'] };
  });
}

function isMeasured({ source }: OperationState): boolean {
  return source === 'measured';
}

/** A measured total is what the guest has measured; only an estimate can be wrong. */
function limitTotal(operation: OperationState, lifeNs: number): OperationState {
  const { source, totalNs, selfNs } = operation;
  if (source === 'measured' || lifeNs <= 0 || totalNs <= lifeNs) return operation;
  return {
    ...operation,
    totalNs: lifeNs,
    ...defined({ selfNs: selfNs === undefined ? undefined : Math.min(selfNs, lifeNs) }),
  };
}
