import type { MemoryBudget } from '../../../protocol/batch/memory-budget.ts';
import type { ThreadSlices } from '../../stacks/time-order.ts';

/** Duration of a slice at first. */
const firstStepNs = 1e9;
const maxSlices = 600;
/** Maximum number of sums in all slices; with more, two slices become one. */
const maxSums = 200_000;
/** Estimated size of a sum. */
const sumBytes = 100;

interface NodeSum {
  samples: number;
  cpuNs: number;
}

/** Samples of a stack tree by time, so that a part of a run can be shown. Slices become longer as the run does. */
export class StackSlices {
  #stepNs = firstStepNs;
  #slices = new Map<number, Map<number, NodeSum>>();
  #sums = 0;
  readonly #budget: MemoryBudget;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Adds samples of a node at a time since the start of the run. */
  add(node: number, samples: number, cpuNs: number, nowNs: number): void {
    const index = Math.floor(Math.max(0, nowNs) / this.#stepNs);
    const slice = this.#slices.get(index) ?? new Map<number, NodeSum>();
    this.#slices.set(index, slice);
    this.#addTo(slice, node, samples, cpuNs);
    while (this.#slices.size > 1 && (this.#slices.size > maxSlices || this.#sums > maxSums)) this.#joinPairs();
  }

  /** Returns the sums of the slices that overlap a time range, by node. */
  between(startNs: number, endNs: number): ReadonlyMap<number, Readonly<NodeSum>> {
    const total = new Map<number, NodeSum>();
    for (const slice of this.overlapping(startNs, endNs).slices.values())
      for (const [node, { samples, cpuNs }] of slice) addSum(total, node, samples, cpuNs);
    return total;
  }

  /** Returns the slices that overlap a time range. */
  overlapping(startNs: number, endNs: number): ThreadSlices {
    const stepNs = this.#stepNs;
    const slices = [...this.#slices].filter(([index]) => (index + 1) * stepNs > startNs && index * stepNs < endNs);
    return { stepNs, slices: new Map(slices) };
  }

  #joinPairs(): void {
    const slices = this.#slices;
    this.#slices = new Map();
    this.#budget.give(this.#sums * sumBytes);
    this.#sums = 0;
    this.#stepNs *= 2;
    for (const [index, slice] of slices) {
      const joined = this.#slices.get(index >> 1) ?? new Map<number, NodeSum>();
      this.#slices.set(index >> 1, joined);
      for (const [node, { samples, cpuNs }] of slice) this.#addTo(joined, node, samples, cpuNs);
    }
  }

  #addTo(slice: Map<number, NodeSum>, node: number, samples: number, cpuNs: number): void {
    const isNew = !slice.has(node);
    // Without room, parts of the run show less; the whole is complete.
    if (isNew && !this.#budget.take(sumBytes)) return;
    addSum(slice, node, samples, cpuNs);
    if (isNew) this.#sums++;
  }
}

function addSum(sums: Map<number, NodeSum>, node: number, samples: number, cpuNs: number): void {
  const sum = sums.get(node);
  if (sum) {
    sum.samples += samples;
    sum.cpuNs += cpuNs;
  } else sums.set(node, { samples, cpuNs });
}
