/** Rules for summing deltas. A probe that resends, the keeper and the recorder all use them. */
import type { OperationDelta, SampleDelta } from './batch.ts';
import { maxErrorTypeLength } from './limits.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** Maximum number of distinct error types in a sum; calls with further ones are counted as `other`. */
const maxErrorTypes = 64;

/** Running sum of the deltas of one operation, without its buckets. Changed in place, since the host adds thousands. */
export class OperationSum {
  count = 0;
  errors = 0;
  totalNs = 0;
  /** Sum of the durations of all calls. */
  durationsNs = 0;
  hits = 0;
  misses = 0;
  /** Calls that were timed. */
  timed = 0;
  /** True once a guest has stopped counting the operation, so that `count` is a lower bound. */
  isPartial = false;
  cpuNs = 0;
  selfNs = 0;
  /** False once calls without a self time were added. */
  isSelfKnown = true;
  /** Infinity while no delta had a minimum. */
  minNs = Number.POSITIVE_INFINITY;
  maxNs = 0;
  readonly errorTypes = new Map<string, number>();
}

/** Adds a delta to a sum. Names of error types take memory of the budget, if there is one. */
export function addDelta(sum: OperationSum, delta: OperationDelta, budget?: MemoryBudget): void {
  sum.count = saturate(sum.count + delta.count);
  sum.errors = saturate(sum.errors + delta.errors);
  sum.totalNs = finite(sum.totalNs + delta.totalNs);
  sum.durationsNs = finite(sum.durationsNs + (delta.durationsNs ?? delta.totalNs));
  sum.hits = saturate(sum.hits + delta.hits);
  sum.misses = saturate(sum.misses + delta.misses);
  sum.timed = saturate(sum.timed + (delta.timed ?? delta.count));
  sum.isPartial ||= delta.partial === true;
  sum.cpuNs = finite(sum.cpuNs + (delta.cpuNs ?? 0));
  if (delta.selfNs !== undefined) sum.selfNs = finite(sum.selfNs + delta.selfNs);
  else if (delta.count > 0) sum.isSelfKnown = false;
  if (delta.minNs !== undefined) sum.minNs = Math.min(sum.minNs, delta.minNs);
  if (delta.maxNs !== undefined) sum.maxNs = Math.max(sum.maxNs, delta.maxNs);
  if (delta.errorTypes) addErrorTypes(sum.errorTypes, delta.errorTypes, budget);
}

/** Keeps a sum of counts exact as a number, whatever a guest sends. */
export function saturate(count: number): number {
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

/** Keeps a sum finite, whatever a guest sends. */
export function finite(sum: number): number {
  return Math.min(sum, Number.MAX_VALUE);
}

function addErrorTypes(
  sum: Map<string, number>,
  types: Readonly<Record<string, number>>,
  budget: MemoryBudget | undefined,
): void {
  for (const [fullName, count] of Object.entries(types)) {
    const type = fullName.slice(0, maxErrorTypeLength);
    const hasRoom = sum.has(type) || (sum.size < maxErrorTypes && (!budget || budget.takeEntry(type)));
    const name = hasRoom ? type : 'other';
    sum.set(name, saturate((sum.get(name) ?? 0) + count));
  }
}

/** Returns a sum as one delta. Adding it has the same result as adding all deltas of the sum. */
export function toDelta(sum: OperationSum, rest: Pick<OperationDelta, 'id' | 'buckets' | 'active'>): OperationDelta {
  const { count, errors, totalNs, durationsNs, hits, misses, timed, cpuNs, selfNs, minNs, maxNs } = sum;
  const hasMin = Number.isFinite(minNs);
  return {
    ...rest,
    count,
    errors,
    totalNs,
    hits,
    misses,
    ...(timed === count ? {} : { timed }),
    ...(sum.isPartial ? { partial: true } : {}),
    ...(durationsNs === totalNs ? {} : { durationsNs }),
    ...(cpuNs > 0 ? { cpuNs } : {}),
    ...(sum.isSelfKnown && (count > 0 || selfNs > 0) ? { selfNs } : {}),
    ...(hasMin ? { minNs } : {}),
    ...(hasMin || maxNs > 0 ? { maxNs } : {}),
    ...(sum.errorTypes.size > 0 ? { errorTypes: Object.fromEntries(sum.errorTypes) } : {}),
  };
}

/** Running sum of the stack samples of one operation. */
export class SampleSum {
  samples = 0;
  selfNs = 0;
  totalNs = 0;
}

export function addSamples(sum: SampleSum, delta: Omit<SampleDelta, 'id'>): void {
  sum.samples = saturate(sum.samples + delta.samples);
  sum.selfNs = finite(sum.selfNs + delta.selfNs);
  sum.totalNs = finite(sum.totalNs + delta.totalNs);
}
