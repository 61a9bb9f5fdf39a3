/** Runs random programs on the timer of instrumented code with a clock that only they advance, so that all times are known. */
import fc from 'fast-check';
import { CallTimer } from '../../../src/probe/exact/counting/call-timer.ts';
import { createCounters } from '../../../src/probe/exact/counting/exact-counters.ts';
import { ExactTiming } from '../../../src/probe/exact/counting/exact-timing.ts';
import type { OperationDelta } from '../../../src/protocol/batch/batch.ts';

/** Functions 0 to 2 are synchronous, 3 and 4 are asynchronous, 5 and 6 are code of modules. */
export const functions = [0, 1, 2, 3, 4, 5, 6] as const;

export type Part =
  | { readonly kind: 'work'; readonly us: number }
  | { readonly kind: 'wait'; readonly us: number }
  | { readonly kind: 'call'; readonly id: number; readonly parts: readonly Part[] }
  | { readonly kind: 'load'; readonly id: number; readonly parts: readonly Part[] }
  | { readonly kind: 'start'; readonly id: number; readonly segments: readonly Segment[] };

interface Segment {
  readonly parts: readonly Part[];
  /** Time until it continues. */
  readonly pauseUs: number;
}

export interface Truth {
  count: number;
  totalNs: number;
  durationsNs: number;
  selfNs: number;
}

export interface SimulatedRun {
  readonly deltas: readonly OperationDelta[];
  readonly truths: readonly Truth[];
  readonly wallNs: number;
  readonly cpuNs: number;
}

const work = fc.record({ kind: fc.constant('work' as const), us: fc.integer({ min: 1, max: 3000 }) });
const wait = fc.record({ kind: fc.constant('wait' as const), us: fc.integer({ min: 3000, max: 50_000 }) });

/** Random programs; with `waits`, threads also wait in the middle of synchronous calls. */
export function programs({ waits }: { readonly waits: boolean }): fc.Arbitrary<readonly Part[]> {
  const { parts } = fc.letrec<{ parts: readonly Part[]; part: Part }>((tie) => ({
    parts: fc.array(tie('part'), { maxLength: 6, depthIdentifier: 'calls' }),
    part: fc.oneof(
      { depthSize: 'small', depthIdentifier: 'calls', maxDepth: 6 },
      waits ? fc.oneof(work, wait) : work,
      fc.record({ kind: fc.constant('call' as const), id: fc.constantFrom(0, 1, 2), parts: tie('parts') }),
      fc.record({ kind: fc.constant('load' as const), id: fc.constantFrom(5, 6), parts: tie('parts') }),
      fc.record({
        kind: fc.constant('start' as const),
        id: fc.constantFrom(3, 4),
        segments: fc.array(fc.record({ parts: tie('parts'), pauseUs: fc.integer({ min: 0, max: 9000 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
    ),
  }));
  return parts;
}

/** Time in which at least one call is in progress. */
class OpenTime {
  totalNs = 0;
  #open = 0;
  #sinceUs = 0;

  begin(us: number): void {
    if (this.#open++ === 0) this.#sinceUs = us;
  }

  end(us: number): void {
    if (--this.#open === 0) this.totalNs += (us - this.#sinceUs) * 1000;
  }
}

/** Clock and CPU time of a thread, in microseconds. */
export interface PlantedClock {
  us: number;
  cpuUs: number;
}

/** Runs code on a clock that only this code advances. */
export function withClock<T>(use: (clock: PlantedClock) => T): T {
  const clock: PlantedClock = { us: 1000, cpuUs: 0 };
  const originals = { now: performance.now, cpu: process.threadCpuUsage };
  performance.now = () => clock.us / 1000;
  process.threadCpuUsage = () => ({ user: clock.cpuUs, system: 0 });
  try {
    return use(clock);
  } finally {
    performance.now = originals.now;
    process.threadCpuUsage = originals.cpu;
  }
}

/**
 * Runs a program and returns what was counted and what is true.
 * @param quota timed calls of a function before fewer of them are timed
 */
export function simulate(program: readonly Part[], quota = 2 ** 30): SimulatedRun {
  return withClock((clock) => {
    const counters = createCounters();
    const timer = new CallTimer(counters);
    counters.quota[0] = quota;
    const timing = new ExactTiming(counters.memory);
    for (const row of functions) timing.register({ row }, row);
    const truths: Truth[] = functions.map(() => ({ count: 0, totalNs: 0, durationsNs: 0, selfNs: 0 }));
    const opens = functions.map(() => new OpenTime());
    const stack: number[] = [];
    const later: { readonly atUs: number; readonly resume: () => void }[] = [];
    const begin = (id: number): number => {
      (truths[id] as Truth).count++;
      (opens[id] as OpenTime).begin(clock.us);
      return clock.us;
    };
    const end = (id: number, startUs: number): void => {
      (opens[id] as OpenTime).end(clock.us);
      (truths[id] as Truth).durationsNs += (clock.us - startUs) * 1000;
    };
    const runParts = (parts: readonly Part[]): void => {
      for (const part of parts) runPart(part);
    };
    const runPart = (part: Part): void => {
      if (part.kind === 'work' || part.kind === 'wait') {
        clock.us += part.us;
        if (part.kind === 'wait') return;
        clock.cpuUs += part.us;
        const id = stack.at(-1);
        if (id !== undefined) (truths[id] as Truth).selfNs += part.us * 1000;
      } else if (part.kind === 'call') {
        const startUs = begin(part.id);
        const level = timer.b(part.id);
        stack.push(part.id);
        runParts(part.parts);
        stack.pop();
        timer.e(part.id, level, false);
        end(part.id, startUs);
      } else if (part.kind === 'load') load(part.id, part.parts);
      else startAsync(part.id, part.segments);
    };
    const load = (id: number, parts: readonly Part[]): void => {
      // A module that is being loaded is not loaded again by the modules that it imports.
      if (stack.includes(id)) return;
      const startUs = begin(id);
      timer.t(id);
      stack.push(id);
      runParts(parts);
      stack.pop();
      timer.u(id);
      end(id, startUs);
    };
    const startAsync = (id: number, segments: readonly Segment[]): void => {
      const startUs = begin(id);
      const call = timer.a(id, 1);
      const runFrom = (index: number): void => {
        const { parts, pauseUs } = segments[index] as Segment;
        stack.push(id);
        runParts(parts);
        stack.pop();
        if (index + 1 === segments.length) {
          timer.z(call, false);
          end(id, startUs);
          return;
        }
        timer.w(call, undefined);
        const resume = (): void => {
          timer.r(call);
          runFrom(index + 1);
        };
        later.push({ atUs: clock.us + pauseUs, resume });
      };
      runFrom(0);
    };
    runParts(program);
    while (later.length > 0) {
      later.sort((a, b) => a.atUs - b.atUs);
      const next = later.shift();
      clock.us = Math.max(clock.us, next?.atUs ?? 0);
      next?.resume();
    }
    for (const [id, open] of opens.entries()) (truths[id] as Truth).totalNs = open.totalNs;
    return { deltas: timing.drain(), truths, wallNs: (clock.us - 1000) * 1000, cpuNs: clock.cpuUs * 1000 };
  });
}
