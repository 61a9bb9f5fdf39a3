import type { Batch } from '../../src/protocol/batch/batch.ts';
import type { StackDeltas } from '../../src/protocol/batch/stacks/stack-sums.ts';

/** Samples and CPU time of a function, itself and with all that it called. */
export interface StackTime {
  samples: number;
  selfNs: number;
  totalNs: number;
}

/** Returns the times of all functions in the stacks of one source, by ID. A recursion counts once. */
export function stackTimes({ stackNodes = [], stackSamples = [] }: StackDeltas): ReadonlyMap<number, StackTime> {
  const nodes = new Map(stackNodes.map(([node, parent, id]) => [node, { parent, id }]));
  const times = new Map<number, StackTime>();
  for (const [leaf, samples, cpuNs] of stackSamples) {
    const counted = new Set<number>();
    for (let node = nodes.get(leaf); node; node = nodes.get(node.parent)) {
      if (counted.has(node.id)) continue;
      const time = times.get(node.id) ?? { samples: 0, selfNs: 0, totalNs: 0 };
      times.set(node.id, time);
      if (counted.size === 0) time.selfNs += cpuNs;
      counted.add(node.id);
      time.samples += samples;
      time.totalNs += cpuNs;
    }
  }
  return times;
}

/** Returns true if a batch reports stacks. */
export function hasStacks({ stackSamples = [] }: Batch): boolean {
  return stackSamples.some(([, samples]) => samples > 0);
}
