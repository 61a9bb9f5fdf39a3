import { defined } from './defined.ts';
import { amount, type Infer, object, optional } from './schema.ts';

export const isTreeUsage = object({
  /** Highest memory of all processes together, as far as it was seen. */
  peakRssBytes: optional(amount),
  /** CPU time of all processes of the tree, including those that have ended. */
  cpuNs: optional(amount),
});
/** Resource usage of a process tree from its start, measured from outside. What is not known is absent. */
export type TreeUsage = Infer<typeof isTreeUsage>;

/** Resource usage of a process tree at one moment, measured from outside. */
export interface TreeSample {
  /** Memory of all living processes. */
  readonly rssBytes: number;
  /** CPU time of all processes of the tree, including those that have ended. */
  readonly cpuNs: number;
  /** Number of living processes. */
  readonly processes: number;
  /** Number of threads of all living processes. */
  readonly threads?: number;
  /** Bytes read through system calls, including processes that have ended. */
  readonly readBytes?: number;
  /** Bytes written through system calls, including processes that have ended. */
  readonly writtenBytes?: number;
}

/** Returns a sample whose cumulative values count from an earlier sample. */
export function sinceSample(sample: TreeSample, earlier: TreeSample): TreeSample {
  const difference = (now: number | undefined, before = 0): number | undefined =>
    now === undefined ? undefined : Math.max(0, now - before);
  return {
    ...sample,
    cpuNs: Math.max(0, sample.cpuNs - earlier.cpuNs),
    ...defined({
      readBytes: difference(sample.readBytes, earlier.readBytes),
      writtenBytes: difference(sample.writtenBytes, earlier.writtenBytes),
    }),
  };
}
