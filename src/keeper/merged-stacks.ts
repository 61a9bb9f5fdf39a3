import { maxBatchEntries } from '../protocol/batch/limits.ts';
import type { StackLineDelta, StackNodeDelta, StackSampleDelta } from '../protocol/batch/stacks/stack-delta.ts';
import type { StackDeltas } from '../protocol/batch/stacks/stack-sums.ts';
import { defined } from '../protocol/defined.ts';

/** Gives the nodes of many stack trees numbers by their call path, so that equal paths become one node. */
export class MergedStacks {
  readonly #numberByPath = new Map<string, number>();

  /**
   * Returns the stacks of a source with the numbers of the merged tree.
   *
   * @param idOf translates the ID of a function
   */
  translate(batch: StackDeltas, idOf: (id: number) => number | undefined): StackDeltas {
    const { stackNodes = [], stackSamples = [], stackSamplesOmitted, stackLines = [], stackLineSource } = batch;
    const numbers = new Map([[0, 0]]);
    const nodes: StackNodeDelta[] = [];
    for (const [node, originalParent, originalId] of stackNodes) {
      const [parent, id] = [numbers.get(originalParent), idOf(originalId)];
      if (parent === undefined || id === undefined) continue;
      const path = `${parent} ${id}`;
      const existing = this.#numberByPath.get(path);
      if (existing === undefined && this.#numberByPath.size >= maxBatchEntries) {
        // Without room for the node, its samples count for the caller.
        numbers.set(node, parent);
        continue;
      }
      const number = existing ?? this.#numberByPath.size + 1;
      this.#numberByPath.set(path, number);
      numbers.set(node, number);
      nodes.push([number, parent, id]);
    }
    const samples = stackSamples.flatMap(([node, ...sums]): StackSampleDelta[] => {
      const number = numbers.get(node);
      return number === undefined ? [] : [[number, ...sums]];
    });
    const lines = stackLines.flatMap(([originalId, ...sums]): StackLineDelta[] => {
      const id = idOf(originalId);
      return id === undefined ? [] : [[id, ...sums]];
    });
    return {
      stackNodes: nodes,
      stackSamples: samples,
      ...(lines.length > 0 ? { stackLines: lines } : {}),
      ...defined({ stackLineSource }),
      ...(stackSamplesOmitted === undefined ? {} : { stackSamplesOmitted }),
    };
  }
}
