import { CallTimer } from './call-timer.ts';
import { createCounters, disabledMask, enableRow, integerAt } from './exact-counters.ts';

/** Costs of one call of an instrumented function, in nanoseconds. */
export interface CallCost {
  readonly timedNs: number;
  /** Cost of a call that is counted but not timed. */
  readonly countedNs: number;
}

const rounds = 16;
/** Numbers of calls in a round. Fewer counted calls would measure code that is not optimized yet. */
const countedCalls = 10_000;
const timedCalls = 4000;
const functionCount = 8;
/** Masks with which a call is timed, only counted, or neither. */
const timed = 0;
const counted = 2 ** 20 - 1;

let measured: CallCost | undefined;

/**
 * Measures what one call of an instrumented function costs on this machine, once per process. Takes the fastest of several
 * rounds, so that other load on the machine does not count.
 */
export function measureCallCost(): CallCost {
  measured ??= measure();
  return measured;
}

function measure(): CallCost {
  const counters = createCounters();
  const timer = new CallTimer(counters);
  counters.quota[0] = 2 ** 31 - 1;
  // A loop around a single function would measure code that is compiled into the loop, which costs half as much.
  const functions = Array.from({ length: functionCount }, () => createInstrumented(timer));
  const fastest = (mask: number, calls: number): number => {
    enableRow(counters, 0);
    counters.integers[integerAt.mask] = mask;
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round++) {
      const startMs = performance.now();
      for (let call = 0; call < calls; call++) functions[call % functionCount]?.(call);
      fastestMs = Math.min(fastestMs, performance.now() - startMs);
    }
    return (fastestMs * 1e6) / calls;
  };
  const countedNs = fastest(counted, countedCalls);
  const plainNs = fastest(disabledMask, countedCalls);
  const timedNs = fastest(timed, timedCalls);
  return { timedNs: Math.max(0, timedNs - plainNs), countedNs: Math.max(0, countedNs - plainNs) };
}

/** Returns a function with the code that `instrument` inserts. */
function createInstrumented(timer: CallTimer): (value: number) => number {
  let last = 0;
  return (value) => {
    let returned: unknown = timer;
    const level = (timer.m[0] as number) < 0 ? -1 : timer.b(0);
    try {
      last = (last + value) | 0;
      returned = last;
      return last;
    } finally {
      if (level !== -1) timer.e(0, level, returned === timer);
    }
  };
}
