import { type LineSource, weakerSource } from '../../stacks.ts';
import type { Batch } from '../batch.ts';
import { maxBatchEntries } from '../limits.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import { finite, saturate } from '../operation-delta.ts';
import { LineSums } from './line-sums.ts';
import type { StackNodeDelta, StackSampleDelta } from './stack-delta.ts';

/** Estimated sizes of a node and of its sums. */
const nodeBytes = 100;
const sumBytes = 100;

/** The part of a batch that describes call stacks. */
export type StackDeltas = Pick<
  Batch,
  'stackNodes' | 'stackSamples' | 'stackSamplesOmitted' | 'stackLines' | 'stackLineSource'
>;

/** Sum of the stack trees of many batches of one source. The batch that defines a node may be another one. */
export class StackSums {
  readonly #budget: MemoryBudget;
  readonly #nodes = new Map<number, StackNodeDelta>();
  readonly #sums = new Map<number, { samples: number; cpuNs: number }>();
  readonly #lines: LineSums;
  #lineSource: LineSource | undefined;
  #omitted = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
    this.#lines = new LineSums(maxBatchEntries, budget);
  }

  /** Nodes in the order in which they were added, so that parents come before their children. */
  get nodes(): readonly StackNodeDelta[] {
    return [...this.#nodes.values()];
  }

  /** Adds the stacks of a batch. Returns the number of values that there was no room for. */
  add(deltas: StackDeltas): number {
    const { stackNodes = [], stackSamples = [], stackSamplesOmitted = 0, stackLines = [], stackLineSource } = deltas;
    let dropped = 0;
    for (const delta of stackNodes) {
      const [node] = delta;
      if (this.#nodes.has(node)) continue;
      if (this.#hasRoom(this.#nodes, nodeBytes)) this.#nodes.set(node, delta);
      else dropped++;
    }
    for (const [node, samples, cpuNs] of stackSamples) {
      let sum = this.#sums.get(node);
      if (!sum && this.#hasRoom(this.#sums, sumBytes)) {
        sum = { samples: 0, cpuNs: 0 };
        this.#sums.set(node, sum);
      }
      if (sum) {
        sum.samples = saturate(sum.samples + samples);
        sum.cpuNs = finite(sum.cpuNs + cpuNs);
      } else dropped++;
    }
    for (const delta of stackLines) if (!this.#lines.add(...delta)) dropped++;
    this.#lineSource = weakerSource(this.#lineSource, stackLineSource);
    this.#omitted = saturate(this.#omitted + stackSamplesOmitted);
    return dropped;
  }

  /** Returns everything as the stacks of one batch. */
  toDeltas(): StackDeltas {
    const stackSamples = [...this.#sums].map(([node, { samples, cpuNs }]): StackSampleDelta => [node, samples, cpuNs]);
    return {
      ...(this.#nodes.size > 0 ? { stackNodes: this.nodes } : {}),
      ...(stackSamples.length > 0 ? { stackSamples } : {}),
      ...(this.#lines.size > 0 ? { stackLines: this.#lines.toDeltas() } : {}),
      ...(this.#lineSource ? { stackLineSource: this.#lineSource } : {}),
      ...(this.#omitted > 0 ? { stackSamplesOmitted: this.#omitted } : {}),
    };
  }

  #hasRoom(entries: ReadonlyMap<number, unknown>, bytes: number): boolean {
    return entries.size < maxBatchEntries && this.#budget.take(bytes);
  }
}
