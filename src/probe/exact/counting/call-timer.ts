import { bucketCount, bucketOf } from '../../../protocol/batch/buckets.ts';
import { CallStack, maxLevels } from './call-stack.ts';
import { clockOverheadNs } from './clock-overhead.ts';
import { type CallKind, callKindsOf, type ExactCounters, maxRows } from './exact-counters.ts';
import { closeCall, openCall } from './open-calls.ts';
import { createResumableCall, type ResumableCall } from './resumable-call.ts';

/** Number of calls of a function that are all timed, before the sampler sets a quota that fits the budget. */
const initialQuota = 20_000;
const maxMask = 2 ** 20 - 1;

/**
 * Counts every call of an instrumented function, and times those that are selected: all of them, or one of `mask + 1` on
 * average at random distances, so that no pattern in the calls repeats with the selection. A selected call represents the
 * calls since the previous one. Synchronous calls allocate nothing. The one-letter members are called from instrumented
 * code: see `instrument.ts`. They call other functions only before they change anything, because those may exceed the
 * stack.
 */
export class CallTimer {
  /** The masks; instrumented code reads them to skip functions that are switched off. */
  readonly m: Int32Array;
  readonly #counters: ExactCounters;
  readonly #depth: Int32Array;
  readonly #outermost: CallKind;
  readonly #nested: CallKind;
  readonly #stack: CallStack;
  readonly #starts: Float64Array;
  readonly #ids: Int32Array;
  /** Levels of the code that is not a function, by row. */
  readonly #levels = new Int32Array(maxRows);
  /** Starts of modules that wait at their top level, by row. */
  readonly #moduleStarts = new Float64Array(maxRows);
  readonly #now = performance.now.bind(performance);
  #random = 0x2545f491;

  constructor(counters: ExactCounters) {
    this.#counters = counters;
    const { outermost, nested } = callKindsOf(counters);
    this.#outermost = outermost;
    this.#nested = nested;
    this.#depth = counters.depth;
    this.#stack = new CallStack(counters);
    this.#starts = this.#stack.starts;
    this.#ids = this.#stack.ids;
    this.m = counters.mask;
    counters.quota[0] = initialQuota;
    this.#stack.clockNs = clockOverheadNs(this.#now);
    // Test runners clean up global variables by deleting their properties.
    Object.freeze(this);
    Object.freeze(CallTimer.prototype);
  }

  /** Begins a call. Returns its level on the stack. */
  b(id: number): number {
    const depth = this.#depth;
    const kind = depth[id] === 0 ? this.#outermost : this.#nested;
    const number = ((kind.count[id] as number) + 1) | 0;
    const level = this.#stack.top + 1;
    if (((number - (kind.next[id] as number)) | 0) >= 0) this.#start(id, level, number, kind);
    else this.#starts[level] = 0;
    kind.count[id] = number;
    (depth[id] as number)++;
    this.#ids[level] = id;
    this.#stack.top = level;
    return level;
  }

  /** Ends a call. */
  e(id: number, level: number, failed: boolean): void {
    const kind = --(this.#depth[id] as number) === 0 ? this.#outermost : this.#nested;
    this.#stack.top = level - 1;
    if (failed) (this.#counters.errors[id] as number)++;
    const startMs = this.#starts[level] as number;
    if (startMs > 0) this.#end(id, level, this.#now(), kind);
  }

  /** Begins an asynchronous call or a generator. `separates` is 0 if running and waiting cannot be distinguished. */
  a(id: number, separates: number): ResumableCall {
    const { outer, nextOuter, lastOuter, active, blind } = this.#counters;
    const number = ((outer[id] as number) + 1) | 0;
    const isTimed = ((number - (nextOuter[id] as number)) | 0) >= 0;
    const startMs = isTimed ? this.#now() : 0;
    const weight = isTimed ? (number - (lastOuter[id] as number)) >>> 0 : 0;
    const call = createResumableCall(id, startMs, weight, separates !== 0);
    if (separates === 0) blind[id] = 1;
    if (isTimed) {
      this.#select(id, number, this.#outermost);
      openCall(this.#counters, id, startMs);
    }
    outer[id] = number;
    (active[id] as number)++;
    if (separates !== 0) this.#enter(call, startMs);
    return call;
  }

  /** Pauses an asynchronous call that waits for `value`. */
  w<T>(call: ResumableCall | undefined, value: T): T {
    if (call && call.level !== 0) this.#leave(call, call.startMs === 0 ? 0 : this.#now());
    return value;
  }

  /** Resumes an asynchronous call with `value`. */
  r<T>(call: ResumableCall | undefined, value?: T): T {
    if (call?.separates && call.level === 0) this.#enter(call, call.startMs === 0 ? 0 : this.#now());
    return value as T;
  }

  /** Suspends a generator that yields `value`. */
  y<T>(call: ResumableCall | undefined, value?: T): T {
    if (call && !call.isYielding) {
      const nowMs = call.startMs === 0 ? 0 : this.#now();
      if (call.level !== 0) this.#leave(call, nowMs);
      call.isYielding = true;
      (this.#counters.active[call.id] as number)--;
      call.yieldedMs = nowMs;
      if (call.startMs !== 0) closeCall(this.#counters, call.id, nowMs);
    }
    return value as T;
  }

  /** Resumes a generator, whose `yield` has the value `value`. */
  n<T>(call: ResumableCall | undefined, value?: T): T {
    if (call?.isYielding) {
      call.isYielding = false;
      (this.#counters.active[call.id] as number)++;
    }
    this.f(call);
    return value as T;
  }

  /** Resumes the clock of a generator that may have been ended by its caller. */
  f(call: ResumableCall | undefined): void {
    if (call && call.yieldedMs !== 0) {
      const nowMs = this.#now();
      call.suspendedMs += nowMs - call.yieldedMs;
      call.yieldedMs = 0;
      openCall(this.#counters, call.id, nowMs);
    }
    this.r(call);
  }

  /** Ends an asynchronous call or a generator. A generator that is ended by its caller has not failed. */
  z(call: ResumableCall, failed: boolean): void {
    const { id, startMs, isYielding, weight } = call;
    const { active, errors, cpuNs, openNs } = this.#counters;
    if (!isYielding) (active[id] as number)--;
    if (failed && !isYielding) (errors[id] as number)++;
    if (startMs === 0) {
      if (call.level !== 0) this.#leave(call, 0);
      return;
    }
    if (call.yieldedMs !== 0) this.f(call);
    const nowMs = this.#now();
    if (call.level !== 0) this.#leave(call, nowMs);
    closeCall(this.#counters, id, nowMs);
    const durationNs = Math.max(0, (nowMs - startMs - call.suspendedMs) * 1e6 - this.#stack.clockNs);
    (cpuNs[id] as number) += weight * Math.min(call.cpuNs, durationNs);
    (openNs[id] as number) += durationNs;
    this.#count(id, durationNs, weight, this.#outermost);
  }

  /**
   * Begins code that is not a function, such as the fields of a class. Only the innermost repetition is timed. `waits` is 1
   * for a module with `await` at its top level: other code runs meanwhile.
   */
  t(id: number, waits = 0): void {
    const { outer, nextOuter, mask, blind } = this.#counters;
    this.#levels[id] = 0;
    this.#moduleStarts[id] = 0;
    if ((mask[id] as number) < 0) return;
    const number = ((outer[id] as number) + 1) | 0;
    const isTimed = ((number - (nextOuter[id] as number)) | 0) >= 0;
    if (waits !== 0) {
      blind[id] = 1;
      this.#moduleStarts[id] = isTimed ? this.#now() : 0;
      if (isTimed) this.#select(id, number, this.#outermost);
      outer[id] = number;
      return;
    }
    const level = this.#stack.top + 1;
    if (isTimed) this.#start(id, level, number, this.#outermost);
    else this.#starts[level] = 0;
    outer[id] = number;
    this.#levels[id] = level;
    this.#ids[level] = id;
    this.#stack.top = level;
  }

  /** Ends code that is not a function; returns `value`. */
  u<T>(id: number, value?: T): T {
    const level = this.#levels[id] as number;
    const moduleStartMs = this.#moduleStarts[id] as number;
    this.#levels[id] = 0;
    if (level > 0) {
      this.#stack.top = level - 1;
      const startMs = this.#starts[level] as number;
      if (startMs > 0) this.#end(id, level, this.#now(), this.#outermost);
    } else if (moduleStartMs > 0) {
      const durationNs = Math.max(0, (this.#now() - moduleStartMs) * 1e6 - this.#stack.clockNs);
      this.#count(id, durationNs, 1, this.#outermost);
    }
    return value as T;
  }

  /** Times a call. */
  #start(id: number, level: number, number: number, kind: CallKind): void {
    const weight = (number - (kind.last[id] as number)) >>> 0;
    this.#select(id, number, kind);
    const nowMs = this.#now();
    this.#stack.push(level, nowMs, weight);
    this.#starts[level] = nowMs;
  }

  /** Remembers that a call is timed, and chooses the next one. */
  #select(id: number, number: number, { last, next, mask: masks }: CallKind): void {
    const mask = masks[id] as number;
    let distance = 1;
    if (mask > 0) {
      // Xorshift (Marsaglia 2003); the program's own random numbers stay as they are.
      let random = this.#random;
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      this.#random = random;
      distance = random & (2 * mask + 1) || 1;
    }
    last[id] = number;
    next[id] = (number + distance) | 0;
    (this.#counters.selected[id] as number)++;
  }

  #end(id: number, level: number, endMs: number, kind: CallKind): void {
    const durationNs = Math.max(0, (endMs - (this.#starts[level] as number)) * 1e6 - this.#stack.clockNs);
    if (kind === this.#outermost) this.#stack.limitWeight(id, level, endMs, durationNs);
    this.#stack.addRunning(id, level, endMs, durationNs);
    this.#count(id, durationNs, this.#stack.weights[level] as number, kind);
  }

  #count(id: number, durationNs: number, weight: number, { used, mask, durationsNs }: CallKind): void {
    const { minNs, maxNs, timed, buckets, quota } = this.#counters;
    (durationsNs[id] as number) += weight * durationNs;
    if (durationNs > (maxNs[id] as number)) maxNs[id] = durationNs;
    if ((timed[id] as number)++ === 0 || durationNs < (minNs[id] as number)) minNs[id] = durationNs;
    (buckets[id * bucketCount + bucketOf(durationNs)] as number) += weight;
    if (++(used[id] as number) <= (quota[0] as number)) return;
    used[id] = 0;
    mask[id] = Math.min((mask[id] as number) * 2 + 1, maxMask);
  }

  /** Puts a resumable call on the stack. */
  #enter(call: ResumableCall, nowMs: number): void {
    const level = this.#stack.top + 1;
    if (call.startMs !== 0) this.#stack.push(level, nowMs, call.weight);
    this.#stack.top = level;
    this.#ids[level] = call.id;
    call.level = level;
    call.sinceMs = nowMs;
  }

  /** Takes a resumable call from the stack, and adds the time that it ran. */
  #leave(call: ResumableCall, endMs: number): void {
    const { id, level } = call;
    call.level = 0;
    this.#stack.top = level - 1;
    // Calls that are deeper than the stack have no place on it.
    if (call.startMs === 0 || level >= maxLevels) return;
    const durationNs = (endMs - call.sinceMs) * 1e6;
    call.cpuNs += durationNs - this.#stack.addRunning(id, level, endMs, durationNs);
  }
}
