import type { CallNode } from './profile-shares.ts';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

/**
 * Reads the call tree in a file of Node's `--cpu-prof`. Garbage collection belongs to the function that ran before, as in
 * Chrome's viewer.
 */
export function readProfileCalls(text: string): readonly CallNode[] {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const times = new Map<number, number>();
  let running = samples[0] ?? 0;
  for (const [index, id] of samples.entries()) {
    if (names.get(id) !== '(garbage collector)') running = id;
    // A sample stands for the time until the next one.
    times.set(running, (times.get(running) ?? 0) + (timeDeltas[index + 1] ?? 0) * 1000);
  }
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const calls = new Map<number, CallNode>();
  // Callers are listed before those whom they call.
  for (const { id, callFrame } of nodes) {
    const { functionName, url } = callFrame;
    calls.set(id, {
      name: url.includes('programs/') ? functionName : undefined,
      parent: calls.get(parents.get(id) ?? 0),
      selfNs: times.get(id) ?? 0,
    });
  }
  return [...calls.values()];
}
