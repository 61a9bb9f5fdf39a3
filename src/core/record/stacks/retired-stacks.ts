import { LineSums } from '../../../protocol/batch/stacks/line-sums.ts';
import { type LineSource, type ThreadStacks, weakerSource } from '../../../protocol/stacks.ts';
import { maxThreadNodes, StackTree } from '../../stacks/stack-tree.ts';
import { maxThreadLines, type SourceStacks } from './source-stacks.ts';

/** Stacks of the sources that have made room for others, as those of one thread. */
export class RetiredStacks {
  readonly #tree = new StackTree(maxThreadNodes);
  readonly #lines = new LineSums(maxThreadLines);
  #lineSource: LineSource | undefined;

  get lineSource(): LineSource | undefined {
    return this.#lineSource;
  }

  /** Adds the stacks of a source. */
  add(stacks: SourceStacks): void {
    this.#tree.addTree(stacks.nodes());
    for (const line of stacks.lines()) this.#lines.add(...line);
    this.#lineSource = weakerSource(this.#lineSource, stacks.lineSource);
  }

  /** Returns the thread, if there is one. */
  threads(name: string): readonly ThreadStacks[] {
    if (this.#tree.size === 0) return [];
    const lines = this.#lines.size > 0 ? { lines: this.#lines.toDeltas() } : {};
    return [{ process: 0, thread: 0, name, nodes: this.#tree.nodes(), omitted: this.#tree.omitted, ...lines }];
  }
}
