import type { StackNodeDelta, StackSampleDelta } from '../../protocol/batch/batch.ts';
import type { StackDeltas } from '../../protocol/batch/stack-sums.ts';

/** Maximum number of nodes of the tree of one thread. */
const maxNodes = 20_000;
/** Room for nodes directly below the root, so that no sample is without a place. */
const maxCallPaths = maxNodes - 1000;

interface RecordedNode {
  readonly number: number;
  readonly children: Map<number, RecordedNode>;
}

/** Tree of the call stacks of one thread. Remembers what has changed since it was drained. */
export class StackRecorder {
  readonly #root: RecordedNode = { number: 0, children: new Map() };
  #size = 0;
  #newNodes: StackNodeDelta[] = [];
  #added = new Map<number, { samples: number; cpuNs: number }>();
  #omitted = 0;

  /**
   * Adds samples of one stack.
   *
   * @param functions IDs of the functions, the innermost first
   */
  add(functions: readonly number[], samples: number, cpuNs: number): void {
    let node = this.#root;
    for (let index = functions.length - 1; index >= 0; index--) {
      const child = this.#childOf(node, functions[index] as number);
      if (!child) {
        this.#omitted += samples;
        break;
      }
      node = child;
    }
    const added = this.#added.get(node.number) ?? { samples: 0, cpuNs: 0 };
    added.samples += samples;
    added.cpuNs += cpuNs;
    this.#added.set(node.number, added);
  }

  /** Returns what has changed since the previous call. */
  drain(): StackDeltas {
    const stackNodes = this.#newNodes;
    const stackSamples = [...this.#added].map(([node, { samples, cpuNs }]): StackSampleDelta => [node, samples, cpuNs]);
    const omitted = this.#omitted;
    this.#newNodes = [];
    this.#added = new Map();
    this.#omitted = 0;
    return {
      ...(stackNodes.length > 0 ? { stackNodes } : {}),
      ...(stackSamples.length > 0 ? { stackSamples } : {}),
      ...(omitted > 0 ? { stackSamplesOmitted: omitted } : {}),
    };
  }

  #childOf(parent: RecordedNode, id: number): RecordedNode | undefined {
    const existing = parent.children.get(id);
    if (existing) return existing;
    if (this.#size >= (parent === this.#root ? maxNodes : maxCallPaths)) return undefined;
    const child: RecordedNode = { number: ++this.#size, children: new Map() };
    parent.children.set(id, child);
    this.#newNodes.push([child.number, parent.number, id]);
    return child;
  }
}
