/** Turns of event loops that took longer than a limit, with the stacks that held them. Part of a snapshot. */

/** Function that has held an event loop. */
export interface BlockedFunction {
  /** Number of the function among those of the stacks of the run. */
  readonly id: number;
  readonly name: string;
  /** Relative to the workspace with `/` if inside, otherwise absolute; absent if the function has no source. */
  readonly file?: string;
  readonly line?: number;
  readonly component: string;
  readonly count: number;
  readonly longestNs: number;
  readonly totalNs: number;
  /** Functions of the stack of the longest block by their number, the outermost first. Functions below `id` may follow. */
  readonly path: readonly number[];
}

/** A single turn. Its start and duration are right within about one interval between two samples. */
export interface BlockMoment {
  /** Start of the turn, since the start of the run. */
  readonly atNs: number;
  readonly durationNs: number;
  /** Process ID. */
  readonly process: number;
  /** Number of the thread in its process; 0 is the main thread. */
  readonly thread: number;
  /** Number of the function that held the loop. */
  readonly function: number;
  readonly path: readonly number[];
}

export interface EventLoopBlocks {
  readonly count: number;
  readonly longestNs: number;
  readonly totalNs: number;
  /** Sorted by total time, the largest first. */
  readonly functions: readonly BlockedFunction[];
  /** The longest and the newest blocks, the earliest first. */
  readonly moments: readonly BlockMoment[];
  /** Number of blocks that a program could not report, because there were too many. */
  readonly omitted: number;
}
