import { defined } from '../../../protocol/defined.ts';
import type { StackFunction } from '../../../protocol/stacks.ts';
import type { OperationTotals } from '../operation-totals.ts';

/** Numbers the functions that occur in the stack trees of a run. */
export class StackFunctions {
  readonly #operations: OperationTotals[] = [];
  readonly #indices = new Map<OperationTotals, number>();
  #totalNs = 0;

  /** CPU time of all call stacks together, of which the times of functions are shares. */
  get totalNs(): number {
    return this.#totalNs;
  }

  /** Adds CPU time in which one of the functions itself ran. */
  addTime(cpuNs: number): void {
    this.#totalNs += cpuNs;
  }

  indexOf(operation: OperationTotals): number {
    const existing = this.#indices.get(operation);
    if (existing !== undefined) return existing;
    const index = this.#operations.length;
    this.#operations.push(operation);
    this.#indices.set(operation, index);
    return index;
  }

  operationAt(index: number): OperationTotals | undefined {
    return this.#operations[index];
  }

  /** Returns all functions by their number. */
  list(): readonly StackFunction[] {
    return this.#operations.map(({ definition: { name, file, line, column, component } }) => ({
      name,
      ...defined({ file, line, column }),
      component,
    }));
  }
}
