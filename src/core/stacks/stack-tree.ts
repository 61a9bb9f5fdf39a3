import type { StackNode } from '../../protocol/stacks.ts';

/** Maximum number of nodes of the tree of one thread. Samples beyond count for the last frame that is in the tree. */
export const maxThreadNodes = 20_000;

/** Functions are numbered below this, so that a parent and a function fit into one number. */
const maxFunctions = 2 ** 31;

/** A tree of call paths with the samples and the CPU time of each. Node -1 is the root, which no function stands for. */
export class StackTree {
  readonly #parents: number[] = [];
  readonly #functions: number[] = [];
  readonly #samples: number[] = [];
  readonly #cpuNs: number[] = [];
  readonly #children = new Map<number, number>();
  readonly #maxNodes: number;
  #omitted = 0;

  constructor(maxNodes = Number.POSITIVE_INFINITY) {
    this.#maxNodes = maxNodes;
  }

  get size(): number {
    return this.#parents.length;
  }

  /** Number of samples that count for a caller, because the tree is full. */
  get omitted(): number {
    return this.#omitted;
  }

  parentOf(node: number): number {
    return this.#parents[node] ?? -1;
  }

  functionOf(node: number): number {
    return this.#functions[node] ?? -1;
  }

  /** Returns the node of a function called by `parent`; undefined if it is new and the tree is full. */
  child(parent: number, functionIndex: number): number | undefined {
    const key = (parent + 1) * maxFunctions + functionIndex;
    const existing = this.#children.get(key);
    if (existing !== undefined) return existing;
    if (this.#parents.length >= this.#maxNodes) return undefined;
    const node = this.#parents.length;
    this.#parents.push(parent);
    this.#functions.push(functionIndex);
    this.#samples.push(0);
    this.#cpuNs.push(0);
    this.#children.set(key, node);
    return node;
  }

  /** Adds samples and CPU time in which the function of a node itself ran. */
  add(node: number, samples: number, cpuNs: number): void {
    this.#samples[node] = (this.#samples[node] ?? 0) + samples;
    this.#cpuNs[node] = (this.#cpuNs[node] ?? 0) + cpuNs;
  }

  /** Adds a stack, the outermost function first. */
  addStack(functions: readonly number[], samples: number, cpuNs: number): void {
    let node = -1;
    for (const index of functions) {
      const child = this.child(node, index);
      if (child === undefined) {
        this.#omitted += samples;
        break;
      }
      node = child;
    }
    if (node >= 0) this.add(node, samples, cpuNs);
  }

  /**
   * Adds all nodes of another tree below a node of this one.
   *
   * @param functionOf translates the functions of the other tree
   * @returns the node of this tree for each node of the other one
   */
  addTree(
    nodes: readonly StackNode[],
    functionOf: (functionIndex: number) => number = (index) => index,
  ): readonly number[] {
    const translated: number[] = [];
    for (const [parent, functionIndex, samples, cpuNs] of nodes) {
      const newParent = parent < 0 ? -1 : (translated[parent] as number);
      const child = this.child(newParent, functionOf(functionIndex));
      const node = child ?? newParent;
      if (child === undefined) this.#omitted += samples;
      translated.push(node);
      if (node >= 0) this.add(node, samples, cpuNs);
    }
    return translated;
  }

  /** Returns the nodes in the order of their creation, so that parents come before their children. */
  nodes(): readonly StackNode[] {
    return this.#parents.map((parent, node) => [
      parent,
      this.#functions[node] as number,
      this.#samples[node] as number,
      this.#cpuNs[node] as number,
    ]);
  }
}
