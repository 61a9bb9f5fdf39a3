import type { MemoryBudget } from '../memory-budget.ts';
import { finite, saturate } from '../operation-delta.ts';
import type { StackLineDelta } from './stack-delta.ts';

/** Estimated size of the sums of a line. */
const lineBytes = 120;

interface LineSum {
  samples: number;
  selfNs: number;
  totalNs: number;
}

/** Sums of samples and CPU time by function and line. */
export class LineSums {
  readonly #maxLines: number;
  readonly #budget: MemoryBudget | undefined;
  readonly #functions = new Map<number, Map<number, LineSum>>();
  #size = 0;

  constructor(maxLines: number, budget?: MemoryBudget) {
    this.#maxLines = maxLines;
    this.#budget = budget;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds to a line. Returns false if it is new and there is no room for it. */
  add(id: number, line: number, samples: number, selfNs: number, totalNs: number): boolean {
    const lines = this.#functions.get(id) ?? new Map<number, LineSum>();
    const sum = lines.get(line);
    if (sum) {
      sum.samples = saturate(sum.samples + samples);
      sum.selfNs = finite(sum.selfNs + selfNs);
      sum.totalNs = finite(sum.totalNs + totalNs);
      return true;
    }
    if (this.#size >= this.#maxLines || this.#budget?.take(lineBytes) === false) return false;
    this.#size++;
    this.#functions.set(id, lines);
    lines.set(line, { samples, selfNs, totalNs });
    return true;
  }

  /** Returns the sums of all lines. */
  toDeltas(): readonly StackLineDelta[] {
    return [...this.#functions].flatMap(([id, lines]) =>
      [...lines].map(([line, { samples, selfNs, totalNs }]): StackLineDelta => [id, line, samples, selfNs, totalNs]),
    );
  }
}
