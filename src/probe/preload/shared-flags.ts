/**
 * Number of threads that have flags of their own. Numbers of threads only rise, so a later thread uses the flags of an
 * earlier one, which has ended unless that many threads have started since.
 */
const maxThreads = 1024;

/** Number of workers that wait until they are sampled. Starting V8's profiler takes each about 30 ms of CPU time. */
const maxAwaitedWorkers = 16;

/** Returns true for threads that are sampled from their first line; the others once they have run for a while. */
export function isSampledFromStart(threadId: number): boolean {
  // The first worker is the sampler itself.
  return threadId <= maxAwaitedWorkers + 1;
}

/** Life of a thread, in order. Stored as integers because the threads wait on them with `Atomics`. */
const absent = 0;
const present = 1;
const running = 2;
const ended = 3;
/** The thread has reported itself, because it ended before the sampler had reached it. */
const left = 4;
/** Between `present` and `running`: the sampler connects to the thread, which therefore cannot leave without it any more. */
const reached = 5;

/**
 * Per thread three slots: its state, whether the sampler is done with it, and its number in the system. The others belong to
 * the whole process.
 */
const slotsPerThread = 3;
const profilerUsersSlot = slotsPerThread * maxThreads;
const inspectorSlot = profilerUsersSlot + 1;
const coverageSlot = profilerUsersSlot + 2;
const listeningSlot = profilerUsersSlot + 3;
export const sharedFlagsBytes = (listeningSlot + 1) * Int32Array.BYTES_PER_ELEMENT;

/** Lets the program's threads and the sampler wait for each other at start and end, through shared memory. */
export class SharedFlags {
  readonly #slots: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#slots = new Int32Array(memory);
  }

  /** Number of the program's inspector sessions that use V8's profiler. */
  get profilerUserCount(): number {
    return Atomics.load(this.#slots, profilerUsersSlot);
  }

  addProfilerUsers(count: number): void {
    Atomics.add(this.#slots, profilerUsersSlot, count);
  }

  /** True while the process accepts debuggers. */
  get isInspectorOpen(): boolean {
    return Atomics.load(this.#slots, inspectorSlot) === 1;
  }

  set isInspectorOpen(isOpen: boolean) {
    Atomics.store(this.#slots, inspectorSlot, isOpen ? 1 : 0);
  }

  /** True once the program has collected coverage itself. */
  get hasCoverage(): boolean {
    return Atomics.load(this.#slots, coverageSlot) === 1;
  }

  markCoverage(): void {
    Atomics.store(this.#slots, coverageSlot, 1);
  }

  /** False while something else uses V8's profiler. Threads with a preload check this by themselves. */
  get maySampleRemotely(): boolean {
    return !this.isInspectorOpen && this.profilerUserCount === 0 && !this.hasCoverage;
  }

  /** True once the sampler receives messages. Those sent earlier would be lost. */
  get isSamplerListening(): boolean {
    return Atomics.load(this.#slots, listeningSlot) === 1;
  }

  markSamplerListening(): void {
    Atomics.store(this.#slots, listeningSlot, 1);
  }

  /** Returns the number of a thread in the system, if the thread has reported it. */
  systemThreadId(threadId: number): number | undefined {
    return Atomics.load(this.#slots, slotsOf(threadId)[2]) || undefined;
  }

  /** Called by a thread before it announces itself. */
  setSystemThreadId(threadId: number, systemId: number | undefined): void {
    Atomics.store(this.#slots, slotsOf(threadId)[2], systemId ?? 0);
  }

  /** Called by a thread: announces that it can be sampled, and blocks until the sampler has started or time is up. */
  waitForStart(threadId: number, maxWaitMs: number): void {
    const [stateSlot, doneSlot] = slotsOf(threadId);
    Atomics.store(this.#slots, doneSlot, 0);
    Atomics.store(this.#slots, stateSlot, present);
    Atomics.notify(this.#slots, stateSlot);
    const endMs = performance.now() + maxWaitMs;
    for (let waitMs = maxWaitMs; waitMs > 0; waitMs = endMs - performance.now()) {
      const state = Atomics.load(this.#slots, stateSlot);
      if (state !== present && state !== reached) return;
      Atomics.wait(this.#slots, stateSlot, state, waitMs);
    }
  }

  /**
   * Called by the sampler before it connects to a thread. Returns false if the thread has reported its end itself: Node would
   * print that it waits for a debugger if a thread ended while a session is connected.
   */
  async reach(threadId: number): Promise<boolean> {
    await this.waitUntilPresent(threadId);
    const [stateSlot] = slotsOf(threadId);
    Atomics.compareExchange(this.#slots, stateSlot, present, reached);
    Atomics.notify(this.#slots, stateSlot);
    return Atomics.load(this.#slots, stateSlot) !== left;
  }

  /** Called by a thread at its end: returns true if the sampler has not reached it and never will from now on. */
  leave(threadId: number): boolean {
    const [stateSlot] = slotsOf(threadId);
    return Atomics.compareExchange(this.#slots, stateSlot, present, left) === present;
  }

  /** Called by the sampler: returns true if the thread has reported its end itself. */
  hasLeft(threadId: number): boolean {
    return Atomics.load(this.#slots, slotsOf(threadId)[0]) === left;
  }

  /** Called by the sampler: returns true if the thread has announced its end. */
  hasEnded(threadId: number): boolean {
    return Atomics.load(this.#slots, slotsOf(threadId)[0]) === ended;
  }

  /**
   * Called by a thread at its end: blocks until the sampler has sent its last records or time is up. V8 answers the
   * sampler's inspector requests while the thread waits.
   */
  waitForEnd(threadId: number, maxWaitMs: number): void {
    const [stateSlot, doneSlot] = slotsOf(threadId);
    const state = Atomics.load(this.#slots, stateSlot);
    // A thread that does not run for the sampler yet waits too, because the sampler will report it.
    if (state === absent || state === ended) return;
    Atomics.store(this.#slots, stateSlot, ended);
    Atomics.notify(this.#slots, stateSlot);
    if (maxWaitMs > 0) Atomics.wait(this.#slots, doneSlot, 0, maxWaitMs);
  }

  /** Called by the sampler: resolves once the thread can be sampled. */
  waitUntilPresent(threadId: number): Promise<void> {
    return this.#waitWhile(threadId, absent);
  }

  /** Called by the sampler once it samples the thread: lets the thread run, and resolves when the thread ends. */
  markRunning(threadId: number): Promise<void> {
    const [stateSlot] = slotsOf(threadId);
    for (const state of [present, reached]) Atomics.compareExchange(this.#slots, stateSlot, state, running);
    Atomics.notify(this.#slots, stateSlot);
    return this.#waitWhile(threadId, running);
  }

  /** Called by the sampler when it is done with the thread: releases the thread wherever it waits. */
  markDone(threadId: number): void {
    const [stateSlot, doneSlot] = slotsOf(threadId);
    // The next thread that uses these flags is absent so far.
    Atomics.store(this.#slots, stateSlot, absent);
    Atomics.store(this.#slots, doneSlot, 1);
    Atomics.notify(this.#slots, stateSlot);
    Atomics.notify(this.#slots, doneSlot);
  }

  async #waitWhile(threadId: number, state: number): Promise<void> {
    const [stateSlot] = slotsOf(threadId);
    while (Atomics.load(this.#slots, stateSlot) === state) {
      await Atomics.waitAsync(this.#slots, stateSlot, state).value;
    }
  }
}

/** Returns the slots of a thread. Those of the main thread are its own. */
function slotsOf(threadId: number): readonly [state: number, done: number, systemId: number] {
  const index = threadId === 0 ? 0 : 1 + ((threadId - 1) % (maxThreads - 1));
  const first = slotsPerThread * index;
  return [first, first + 1, first + 2];
}
