import { MemoryBudget } from '../../../protocol/batch/memory-budget.ts';
import { saturate } from '../../../protocol/batch/operation-delta.ts';
import { LineSums } from '../../../protocol/batch/stacks/line-sums.ts';
import type { StackDeltas } from '../../../protocol/batch/stacks/stack-sums.ts';
import { type LineSource, type StackLine, type StackNode, weakerSource } from '../../../protocol/stacks.ts';
import { maxThreadNodes, StackTree } from '../../stacks/stack-tree.ts';
import type { ThreadSlices } from '../../stacks/time-order.ts';
import type { OperationTotals } from '../operation-totals.ts';
import type { StackFunctions } from './stack-functions.ts';
import { StackSlices } from './stack-slices.ts';

/** Estimated size of a node. */
const nodeBytes = 300;

/** Maximum number of lines of one source that are kept. */
export const maxThreadLines = 20_000;

/** Part of a run, in nanoseconds since its start. */
export interface TimeRange {
  readonly startNs: number;
  readonly endNs: number;
}

/** Time that a batch adds to its source, and the number of values that could not be kept. */
interface AddedSamples {
  readonly cpuNs: number;
  readonly dropped: number;
}

/** Stack tree of one source. The times of its functions are derived from it, so that they cannot disagree. */
export class SourceStacks {
  readonly #functions: StackFunctions;
  readonly #unit: 'cpu' | 'wall';
  readonly #tree = new StackTree(maxThreadNodes);
  readonly #budget: MemoryBudget;
  readonly #slices: StackSlices;
  /** Nodes of the tree by the number that the source uses. */
  readonly #nodes = new Map<number, number>([[0, -1]]);
  readonly #lines: LineSums;
  #lineSource: LineSource | undefined;
  #omitted = 0;

  /**
   * @param budget memory that the stacks of all sources share
   * @param unit CPU time counts for the functions; wall time of spans does not, because they count it themselves
   */
  constructor(functions: StackFunctions, budget: MemoryBudget, unit: 'cpu' | 'wall' = 'cpu') {
    this.#functions = functions;
    this.#unit = unit;
    this.#budget = new MemoryBudget(Number.POSITIVE_INFINITY, budget);
    this.#slices = new StackSlices(this.#budget);
    this.#lines = new LineSums(maxThreadLines, this.#budget);
  }

  /** Number of samples that count for a caller, because this tree or that of the source is full. */
  get omitted(): number {
    return saturate(this.#omitted + this.#tree.omitted);
  }

  /**
   * Adds the stacks of a batch, and their time to the functions.
   *
   * @param nowNs undefined if the samples are from a time before the host connected
   */
  add(batch: StackDeltas, operations: ReadonlyMap<number, OperationTotals>, nowNs: number | undefined): AddedSamples {
    let [cpuNs, dropped] = [0, 0];
    for (const [node, parent, id] of batch.stackNodes ?? []) {
      if (this.#nodes.has(node)) continue;
      const above = this.#nodes.get(parent);
      const operation = operations.get(id);
      const index = operation && this.#functions.indexOf(operation);
      // Samples of a function that cannot be recorded count for its caller.
      const hasRoom = above !== undefined && this.#nodes.size <= maxThreadNodes && this.#budget.take(nodeBytes);
      const recorded = hasRoom && index !== undefined ? this.#tree.child(above, index) : undefined;
      if (recorded === undefined) dropped++;
      if (hasRoom) this.#nodes.set(node, recorded ?? above);
    }
    for (const [number, samples, nodeNs] of batch.stackSamples ?? []) {
      cpuNs += nodeNs;
      const node = this.#nodes.get(number);
      if (node === undefined || node < 0) {
        dropped++;
        continue;
      }
      this.#tree.add(node, samples, nodeNs);
      if (nowNs !== undefined) this.#slices.add(node, samples, nodeNs, nowNs);
      if (this.#unit === 'cpu') this.#addToFunctions(node, samples, nodeNs);
    }
    for (const [id, ...line] of batch.stackLines ?? []) {
      const operation = operations.get(id);
      if (!operation || !this.#lines.add(this.#functions.indexOf(operation), ...line)) dropped++;
    }
    this.#lineSource = weakerSource(this.#lineSource, batch.stackLineSource);
    this.#omitted = saturate(this.#omitted + (batch.stackSamplesOmitted ?? 0));
    return { cpuNs, dropped };
  }

  /** Returns the tree with the times of a range or, without one, of everything. */
  nodes(range?: TimeRange): readonly StackNode[] {
    const nodes = this.#tree.nodes();
    if (!range) return nodes;
    const sums = this.#slices.between(range.startNs, range.endNs);
    return nodes.map(([parent, index], node) => {
      const { samples = 0, cpuNs = 0 } = sums.get(node) ?? {};
      return [parent, index, samples, cpuNs];
    });
  }

  /** Returns the samples of a range or, without one, of everything, by time. Samples from before the host connected have none. */
  slices({ startNs, endNs }: TimeRange = { startNs: 0, endNs: Number.POSITIVE_INFINITY }): ThreadSlices {
    return this.#slices.overlapping(startNs, endNs);
  }

  /** Returns the lines that are known. */
  lines(): readonly StackLine[] {
    return this.#lines.toDeltas();
  }

  /** Origin of the lines; undefined if none are known. */
  get lineSource(): LineSource | undefined {
    return this.#lineSource;
  }

  /** Returns the functions of a stack, the outermost first, by the number that the source uses for its node. */
  pathOf(number: number): readonly number[] {
    const path: number[] = [];
    for (let node = this.#nodes.get(number) ?? -1; node >= 0; node = this.#tree.parentOf(node))
      path.unshift(this.#tree.functionOf(node));
    return path;
  }

  /** Returns the function of a node. */
  functionOf(node: number): OperationTotals | undefined {
    return this.#functions.operationAt(this.#tree.functionOf(node));
  }

  /** Gives the memory back. The stacks must not be used afterwards. */
  release(): void {
    this.#budget.release();
  }

  #addToFunctions(node: number, samples: number, cpuNs: number): void {
    this.#functions.addTime(cpuNs);
    const counted = new Set<number>();
    for (let above = node; above >= 0; above = this.#tree.parentOf(above)) {
      const index = this.#tree.functionOf(above);
      if (counted.has(index)) continue;
      counted.add(index);
      const selfNs = above === node ? cpuNs : 0;
      this.#functions.operationAt(index)?.addSamples({ samples, selfNs, totalNs: cpuNs });
    }
  }
}
