import type { Batch } from '../../../protocol/batch/batch.ts';
import { defined } from '../../../protocol/defined.ts';
import type { BlockedFunction, BlockMoment, EventLoopBlocks } from '../../../protocol/event-loop-blocks.ts';
import type { RecordedSource } from '../sources/recorded-source.ts';
import type { StackFunctions } from './stack-functions.ts';

/** Maximum number of functions that are listed; blocks of further ones count in the sums only. */
const maxFunctions = 500;
/** Maximum numbers of the longest and of the newest blocks that are kept. */
const maxLongest = 100;
const maxNewest = 200;

interface FunctionSum {
  count: number;
  longestNs: number;
  totalNs: number;
  /** Stack of the longest block. */
  path: readonly number[];
}

/** Turns of event loops that took too long, by function, with the longest and the newest of them. */
export class LoopBlocks {
  readonly #functions: StackFunctions;
  readonly #wallStartMs: number;
  readonly #sums = new Map<number, FunctionSum>();
  #longest: BlockMoment[] = [];
  #newest: BlockMoment[] = [];
  #count = 0;
  #longestNs = 0;
  #totalNs = 0;
  #omitted = 0;

  /** @param wallStartMs wall clock at the start of the run, epoch milliseconds */
  constructor(functions: StackFunctions, wallStartMs: number) {
    this.#functions = functions;
    this.#wallStartMs = wallStartMs;
  }

  /** Adds the blocks of a batch, after its stacks. Returns the number of those whose stack is not known. */
  add({ blocks = [], blocksOmitted = 0 }: Batch, { stacks, hello }: RecordedSource, nowNs: number): number {
    this.#omitted += blocksOmitted;
    let dropped = 0;
    for (const { atMs, durationNs, node } of blocks) {
      this.#count++;
      this.#longestNs = Math.max(this.#longestNs, durationNs);
      this.#totalNs += durationNs;
      const path = stacks?.pathOf(node) ?? [];
      const index = this.#holderOf(path);
      if (index === undefined) {
        dropped++;
        continue;
      }
      this.#addToFunction(index, durationNs, path);
      // The wall clock may have been set in between.
      const atNs = Math.min(Math.max(0, (atMs - this.#wallStartMs) * 1e6), nowNs);
      this.#keep({ atNs, durationNs, process: hello?.pid ?? 0, thread: hello?.threadId ?? 0, function: index, path });
    }
    return dropped;
  }

  /** Returns the state for a snapshot, or undefined without blocks. */
  state(): EventLoopBlocks | undefined {
    if (this.#count === 0) return undefined;
    const all = this.#functions.list();
    const functions = [...this.#sums]
      .map(([index, sum]): BlockedFunction => {
        const { name = '', file, line, component = '' } = all[index] ?? {};
        return { id: index, name, ...defined({ file, line }), component, ...sum };
      })
      .sort((left, right) => right.totalNs - left.totalNs);
    const moments = [...new Set([...this.#longest, ...this.#newest])].sort((left, right) => left.atNs - right.atNs);
    const sums = { count: this.#count, longestNs: this.#longestNs, totalNs: this.#totalNs };
    return { ...sums, functions, moments, omitted: this.#omitted };
  }

  /** Returns the innermost function of a stack whose source is known, because users can change it, or else the innermost. */
  #holderOf(path: readonly number[]): number | undefined {
    const hasSource = (index: number): boolean => this.#functions.operationAt(index)?.definition.file !== undefined;
    return path.findLast(hasSource) ?? path.at(-1);
  }

  #addToFunction(index: number, durationNs: number, path: readonly number[]): void {
    const sum = this.#sums.get(index);
    if (!sum) {
      if (this.#sums.size < maxFunctions)
        this.#sums.set(index, { count: 1, longestNs: durationNs, totalNs: durationNs, path });
      return;
    }
    if (durationNs > sum.longestNs) sum.path = path;
    sum.count++;
    sum.longestNs = Math.max(sum.longestNs, durationNs);
    sum.totalNs += durationNs;
  }

  #keep(moment: BlockMoment): void {
    this.#newest = [...this.#newest.slice(1 - maxNewest), moment];
    this.#longest = [...this.#longest, moment]
      .sort((left, right) => right.durationNs - left.durationNs)
      .slice(0, maxLongest);
  }
}
