import { LineSums } from '../../protocol/batch/stacks/line-sums.ts';
import type { StackFunction, StackLine, Stacks, ThreadStacks } from '../../protocol/stacks.ts';
import { functionKey } from './merge-threads.ts';
import { StackTree } from './stack-tree.ts';

interface BuiltThread {
  readonly id: Omit<ThreadStacks, 'nodes' | 'omitted'>;
  readonly tree: StackTree;
  readonly lines: LineSums;
}

/** Builds stacks of what was read from elsewhere. Equal functions and equal call paths of a thread become one. */
export class StacksBuilder {
  readonly #functions: StackFunction[] = [];
  readonly #indices = new Map<string, number>();
  readonly #threads: BuiltThread[] = [];

  /** Returns the number of a function. */
  indexOf(stackFunction: StackFunction): number {
    const key = functionKey(stackFunction);
    const existing = this.#indices.get(key);
    if (existing !== undefined) return existing;
    this.#indices.set(key, this.#functions.length);
    this.#functions.push(stackFunction);
    return this.#functions.length - 1;
  }

  /** Adds a thread and returns its tree. */
  addThread(name: string, process = 0, thread = this.#threads.length): StackTree {
    const tree = new StackTree();
    this.#threads.push({ id: { process, thread, name }, tree, lines: new LineSums(Number.POSITIVE_INFINITY) });
    return tree;
  }

  /** Adds to the cost of a line of a function in the thread with this tree. */
  addLine(tree: StackTree, line: StackLine): void {
    this.#threads.find((thread) => thread.tree === tree)?.lines.add(...line);
  }

  build(): Stacks {
    const threads = this.#threads.map(({ id, tree, lines }) => ({
      ...id,
      nodes: tree.nodes(),
      omitted: tree.omitted,
      ...(lines.size > 0 ? { lines: lines.toDeltas() } : {}),
    }));
    const hasLines = threads.some(({ lines }) => lines !== undefined);
    return { functions: this.#functions, threads, ...(hasLines ? { lineSource: 'ticks' as const } : {}) };
  }
}
