import type { CallNode } from './profile-shares.ts';

interface SnapshotStacks {
  readonly functions: readonly { readonly name: string; readonly file?: string }[];
  readonly threads: readonly {
    readonly nodes: readonly (readonly [parent: number, fn: number, samples: number, cpuNs: number])[];
  }[];
}

/** Reads the call trees of all threads in a snapshot of `pipescope run --snapshot`. */
export function readSnapshotCalls(text: string): readonly CallNode[] {
  const { stacks } = JSON.parse(text) as { readonly stacks: SnapshotStacks };
  return stacks.threads.flatMap(({ nodes }) => {
    const calls: CallNode[] = [];
    for (const [parent, number, , selfNs] of nodes) {
      const { name, file } = stacks.functions[number] ?? { name: '' };
      calls.push({ name: file?.includes('programs/') ? name : undefined, parent: calls[parent], selfNs });
    }
    return calls;
  });
}
