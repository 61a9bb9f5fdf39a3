import type { StackFunction, Stacks, ThreadStacks } from '../../protocol/stacks.ts';

/** Call stacks with what other tools want to know about their run. */
export interface CallProfile {
  readonly stacks: Stacks;
  /** Name of the run. */
  readonly title: string;
  /** Epoch milliseconds at the start of the run. */
  readonly startedAtMs: number;
  readonly durationNs: number;
  /** Folder to which the paths of files are relative. */
  readonly workspace: string;
}

/** Returns the name of a thread. Threads of one name are told apart by their numbers. */
export function threadTitle({ name, process, thread }: ThreadStacks): string {
  return `${name} (process ${process}, thread ${thread})`;
}

/** Returns the name of a function with its place, for formats without a field for it. */
export function titleOf({ name, file, line }: StackFunction): string {
  if (file === undefined) return name;
  return line === undefined ? `${name} (${file})` : `${name} (${file}:${line})`;
}

/** Call path of a thread that was sampled, with the time of its last function. */
interface CallPath {
  /** Functions, the outermost first. */
  readonly functions: readonly number[];
  readonly samples: number;
  readonly cpuNs: number;
}

/** Returns every call path that has samples or time of its own. */
export function* callPathsOf({ nodes }: ThreadStacks): Generator<CallPath> {
  for (const [node, [, , samples, cpuNs]] of nodes.entries()) {
    if (samples === 0 && cpuNs === 0) continue;
    const functions: number[] = [];
    for (let above = node; above >= 0; ) {
      const [parent, index] = nodes[above] as (typeof nodes)[number];
      functions.push(index);
      above = parent;
    }
    yield { functions: functions.reverse(), samples, cpuNs };
  }
}
