/** CPU time of a run by the code that ran: folders and files of the workspace, packages, and the runtime. */
import type { MeasurementSource } from './snapshot.ts';

/** `workspace`: the user's own code. `other`: code that belongs to neither, such as a file elsewhere or generated code. */
export type CodeKind = 'workspace' | 'package' | 'runtime' | 'other';

export interface CodeGroup {
  readonly kind: CodeKind;
  /** Text to show: a path, the name of a package or of the runtime, or `3 smaller packages`. */
  readonly name: string;
  /** Names of what belongs to the group: a folder or file with everything in it, a package, or a part of the runtime. */
  readonly members: readonly string[];
  /** CPU time of the code itself; if it was not sampled, the time in which it ran. */
  readonly cpuNs: number;
  readonly source: MeasurementSource;
  /** Present if small groups were united; the group then contains everything of its kind that no other group does. */
  readonly united?: number;
}

export interface CodeTimes {
  /** Sum of all groups. The profiler's own code is not in it, nor are processes that only start the program. */
  readonly totalNs: number;
  /** Largest first; united ones last. */
  readonly groups: readonly CodeGroup[];
}

/** Returns the key of the series with the CPU use of a group over time; 1 is one core. */
export function codeSeriesKey({ kind, name }: Pick<CodeGroup, 'kind' | 'name'>): string {
  return `code.cpu{${kind}: ${name}}`;
}
