import { bucketCount, bucketOf } from '../../../protocol/batch/buckets.ts';
import { CallStack, timedUnit } from './call-stack.ts';
import { clockOverheadNs } from './clock-overhead.ts';
import { currentAt, type ExactCounters, floatAt, integerAt, maxRows, nested, rowSize } from './exact-counters.ts';
import { closeCall, openCall } from './open-calls.ts';
import { createResumableCall, notRunning, type ResumableCall } from './resumable-call.ts';

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
  /** The integers; instrumented code reads the masks to skip functions that are switched off. */
  readonly m: Int32Array;
  readonly #counters: ExactCounters;
  readonly #stack: CallStack;
  /** Places of the code that is not a function, + 1, by row. */
  readonly #places = new Int32Array(maxRows);
  /** Starts of modules that wait at their top level, by row. */
  readonly #moduleStarts = new Float64Array(maxRows);
  readonly #now = performance.now.bind(performance);
  readonly #clockNs: number;
  #random = 0x2545f491;

  constructor(counters: ExactCounters) {
    this.#counters = counters;
    this.m = counters.integers;
    counters.quota[0] = initialQuota;
    this.#clockNs = clockOverheadNs(this.#now);
    this.#stack = new CallStack(counters, this.#clockNs);
    // Test runners clean up global variables by deleting their properties.
    Object.freeze(this);
    Object.freeze(CallTimer.prototype);
  }

  /** Begins a call. Returns its place on the stack. */
  b(id: number): number {
    const integers = this.m;
    const row = id * rowSize;
    const active = integers[row + integerAt.active] as number;
    const cell = active === 0 ? row : row + nested;
    const number = ((integers[cell + integerAt.calls] as number) + 1) | 0;
    const caller = integers[currentAt] as number;
    const isTimed = ((number - (integers[cell + integerAt.nextTimed] as number)) | 0) >= 0;
    const place = isTimed ? this.#start(row, cell, number, caller) : caller;
    integers[cell + integerAt.calls] = number;
    integers[row + integerAt.active] = active + 1;
    integers[currentAt] = id + 1;
    return place;
  }

  /** Ends a call. */
  e(id: number, place: number, failed: boolean): void {
    const integers = this.m;
    const row = id * rowSize;
    const active = ((integers[row + integerAt.active] as number) - 1) | 0;
    integers[row + integerAt.active] = active;
    integers[currentAt] = place & (timedUnit - 1);
    if (failed) (integers[row + integerAt.errors] as number)++;
    if (place >= timedUnit) this.#end(id, active === 0 ? row : row + nested, place, this.#now());
  }

  /** Begins an asynchronous call or a generator. `separates` is 0 if running and waiting cannot be distinguished. */
  a(id: number, separates: number): ResumableCall {
    const integers = this.m;
    const row = id * rowSize;
    const number = ((integers[row + integerAt.calls] as number) + 1) | 0;
    const isTimed = ((number - (integers[row + integerAt.nextTimed] as number)) | 0) >= 0;
    const startMs = isTimed ? this.#now() : 0;
    const weight = isTimed ? (number - (integers[row + integerAt.lastTimed] as number)) >>> 0 : 0;
    const call = createResumableCall(id, startMs, weight, separates !== 0);
    if (separates === 0) integers[row + integerAt.blind] = 1;
    if (isTimed) {
      this.#select(row, row, number);
      openCall(this.#counters, id, startMs);
    }
    integers[row + integerAt.calls] = number;
    (integers[row + integerAt.active] as number)++;
    if (separates !== 0) this.#enter(call, startMs);
    return call;
  }

  /** Pauses an asynchronous call that waits for `value`. */
  w<T>(call: ResumableCall | undefined, value: T): T {
    if (call && call.place !== notRunning) this.#leave(call, call.startMs === 0 ? 0 : this.#now());
    return value;
  }

  /** Resumes an asynchronous call with `value`. */
  r<T>(call: ResumableCall | undefined, value?: T): T {
    if (call?.separates && call.place === notRunning) this.#enter(call, call.startMs === 0 ? 0 : this.#now());
    return value as T;
  }

  /** Suspends a generator that yields `value`. */
  y<T>(call: ResumableCall | undefined, value?: T): T {
    if (call && !call.isYielding) {
      const nowMs = call.startMs === 0 ? 0 : this.#now();
      if (call.place !== notRunning) this.#leave(call, nowMs);
      call.isYielding = true;
      (this.m[call.id * rowSize + integerAt.active] as number)--;
      call.yieldedMs = nowMs;
      if (call.startMs !== 0) closeCall(this.#counters, call.id, nowMs);
    }
    return value as T;
  }

  /** Resumes a generator, whose `yield` has the value `value`. */
  n<T>(call: ResumableCall | undefined, value?: T): T {
    if (call?.isYielding) {
      call.isYielding = false;
      (this.m[call.id * rowSize + integerAt.active] as number)++;
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
    const { integers, floats } = this.#counters;
    const row = id * rowSize;
    if (!isYielding) (integers[row + integerAt.active] as number)--;
    if (failed && !isYielding) (integers[row + integerAt.errors] as number)++;
    if (startMs === 0) {
      if (call.place !== notRunning) this.#leave(call, 0);
      return;
    }
    if (call.yieldedMs !== 0) this.f(call);
    const nowMs = this.#now();
    if (call.place !== notRunning) this.#leave(call, nowMs);
    closeCall(this.#counters, id, nowMs);
    const durationNs = Math.max(0, (nowMs - startMs - call.suspendedMs) * 1e6 - this.#clockNs);
    (floats[row + floatAt.cpuNs] as number) += weight * Math.min(call.cpuNs, durationNs);
    (floats[row + floatAt.openNs] as number) += durationNs;
    this.#count(id, row, durationNs, weight);
  }

  /**
   * Begins code that is not a function, such as the fields of a class. Only the innermost repetition is timed. `waits` is 1
   * for a module with `await` at its top level: other code runs meanwhile.
   */
  t(id: number, waits = 0): void {
    const integers = this.m;
    const row = id * rowSize;
    this.#places[id] = 0;
    this.#moduleStarts[id] = 0;
    if ((integers[row + integerAt.mask] as number) < 0) return;
    const number = ((integers[row + integerAt.calls] as number) + 1) | 0;
    const isTimed = ((number - (integers[row + integerAt.nextTimed] as number)) | 0) >= 0;
    if (waits !== 0) {
      integers[row + integerAt.blind] = 1;
      this.#moduleStarts[id] = isTimed ? this.#now() : 0;
      if (isTimed) this.#select(row, row, number);
      integers[row + integerAt.calls] = number;
      return;
    }
    const caller = integers[currentAt] as number;
    const place = isTimed ? this.#start(row, row, number, caller) : caller;
    integers[row + integerAt.calls] = number;
    this.#places[id] = place + 1;
    integers[currentAt] = id + 1;
  }

  /** Ends code that is not a function; returns `value`. */
  u<T>(id: number, value?: T): T {
    const place = (this.#places[id] as number) - 1;
    const moduleStartMs = this.#moduleStarts[id] as number;
    this.#places[id] = 0;
    if (place >= 0) {
      this.m[currentAt] = place & (timedUnit - 1);
      if (place >= timedUnit) this.#end(id, id * rowSize, place, this.#now());
    } else if (moduleStartMs > 0) {
      const durationNs = Math.max(0, (this.#now() - moduleStartMs) * 1e6 - this.#clockNs);
      this.#count(id, id * rowSize, durationNs, 1);
    }
    return value as T;
  }

  /** Times a call, if there is room. Returns its place. */
  #start(row: number, cell: number, number: number, caller: number): number {
    if (!this.#stack.hasRoom()) return caller;
    const weight = (number - (this.m[cell + integerAt.lastTimed] as number)) >>> 0;
    this.#select(row, cell, number);
    return this.#stack.push(caller, this.#now(), weight);
  }

  /** Remembers that a call is timed, and chooses the next one. */
  #select(row: number, cell: number, number: number): void {
    const integers = this.m;
    const mask = integers[cell + integerAt.mask] as number;
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
    integers[cell + integerAt.lastTimed] = number;
    integers[cell + integerAt.nextTimed] = (number + distance) | 0;
    (integers[row + integerAt.selected] as number)++;
  }

  #end(id: number, cell: number, place: number, endMs: number): void {
    const row = id * rowSize;
    const durationNs = this.#stack.pop(row, place, endMs, cell === row);
    this.#count(id, cell, durationNs, this.#stack.weight);
  }

  #count(id: number, cell: number, durationNs: number, weight: number): void {
    const { integers, floats, buckets, quota } = this.#counters;
    const row = id * rowSize;
    // The sum of the nested calls is as far from that of the outermost ones as the integers are.
    (floats[cell + floatAt.outerNs] as number) += weight * durationNs;
    if (durationNs > (floats[row + floatAt.maxNs] as number)) floats[row + floatAt.maxNs] = durationNs;
    const isFirst = (integers[row + integerAt.timed] as number)++ === 0;
    if (isFirst || durationNs < (floats[row + floatAt.minNs] as number)) floats[row + floatAt.minNs] = durationNs;
    (buckets[id * bucketCount + bucketOf(durationNs)] as number) += weight;
    if (++(integers[cell + integerAt.used] as number) <= (quota[0] as number)) return;
    integers[cell + integerAt.used] = 0;
    const mask = integers[cell + integerAt.mask] as number;
    integers[cell + integerAt.mask] = Math.min(mask * 2 + 1, maxMask);
  }

  /** Puts a resumable call on the stack. */
  #enter(call: ResumableCall, nowMs: number): void {
    const caller = this.m[currentAt] as number;
    const isTimed = call.startMs !== 0 && this.#stack.hasRoom();
    call.place = isTimed ? this.#stack.push(caller, nowMs, call.weight) : caller;
    this.m[currentAt] = call.id + 1;
  }

  /** Takes a resumable call from the stack, and adds the time that it ran. */
  #leave(call: ResumableCall, endMs: number): void {
    const { id, place } = call;
    call.place = notRunning;
    this.m[currentAt] = place & (timedUnit - 1);
    if (place < timedUnit) return;
    const durationNs = this.#stack.pop(id * rowSize, place, endMs, false);
    call.cpuNs += durationNs - this.#stack.waitedNs;
  }
}
