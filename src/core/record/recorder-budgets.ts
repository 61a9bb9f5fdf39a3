import { MemoryBudget } from '../../protocol/batch/memory-budget.ts';

const mebibyte = 1024 * 1024;

/**
 * Maximum memory of a recorder for each kind of data that guests can make it keep. Each kind has its own limit, so that a
 * flood of one leaves room for the others.
 */
export interface RecorderBudgets {
  /** Names and files of operations, and the numbers that sources use for them. */
  readonly operations: MemoryBudget;
  readonly operationIds: MemoryBudget;
  /** Buckets of durations. */
  readonly buckets: MemoryBudget;
  readonly errorTypes: MemoryBudget;
  readonly counters: MemoryBudget;
  readonly gauges: MemoryBudget;
  /** Nodes of the stack trees of all threads, and their times by slice. */
  readonly stacks: MemoryBudget;
}

export function createRecorderBudgets(): RecorderBudgets {
  return {
    operations: new MemoryBudget(32 * mebibyte),
    operationIds: new MemoryBudget(64 * mebibyte),
    buckets: new MemoryBudget(128 * mebibyte),
    errorTypes: new MemoryBudget(4 * mebibyte),
    counters: new MemoryBudget(mebibyte / 2),
    gauges: new MemoryBudget(mebibyte / 2),
    stacks: new MemoryBudget(192 * mebibyte),
  };
}
