/** Place of a call that waits. */
export const notRunning = -1;

/** A call in progress of an asynchronous function or a generator. */
export interface ResumableCall {
  readonly id: number;
  /** 0 if the call is only counted. */
  readonly startMs: number;
  /** Number of calls that it represents. */
  readonly weight: number;
  /** False if running and waiting cannot be distinguished. */
  readonly separates: boolean;
  /** Place on the stack while it runs. */
  place: number;
  cpuNs: number;
  /** Time at which a generator last yielded; 0 while it runs. */
  yieldedMs: number;
  /** Time between yielding and being resumed, which is not part of the call. */
  suspendedMs: number;
  /** True from yielding until the caller asks for the next value. */
  isYielding: boolean;
}

export function createResumableCall(id: number, startMs: number, weight: number, separates: boolean): ResumableCall {
  return {
    id,
    startMs,
    weight,
    separates,
    place: notRunning,
    cpuNs: 0,
    yieldedMs: 0,
    suspendedMs: 0,
    isYielding: false,
  };
}
