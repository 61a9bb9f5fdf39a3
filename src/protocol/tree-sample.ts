/** Resource usage of a process tree, measured from outside. */
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
