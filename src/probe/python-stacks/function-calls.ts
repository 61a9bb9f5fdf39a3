import type { Address } from './foreign-memory.ts';

/** Maximum number of callers of a function that are remembered. */
const maxCallers = 5000;
/**
 * A call is real if it was seen so often, and in such a part of the stacks with its function. What is read while the program
 * changes it is rare, and the rarer the longer the call or its caller has lasted.
 */
const least = {
  all: { sightings: 5, share: 0.1 },
  ofLastingCaller: { sightings: 3, share: 0.01 },
  lasting: { sightings: 2, share: 0.002 },
} as const;

const kinds = ['all', 'ofLastingCaller', 'lasting'] as const;

/** Numbers of stacks with a call. */
export interface CallSightings {
  all: number;
  /** Those in which the caller was on the stack before and afterwards. */
  ofLastingCaller: number;
  /** Those in which the call itself was. */
  lasting: number;
}

/** Calls of a function that were seen in stacks which may have changed while they were read. */
export class FunctionCalls {
  /** Number of stacks with the function. Those of a recursive function have it more than once. */
  #stacks = 0;
  #lastStack = 0;
  readonly #callers = new Map<Address, CallSightings>();

  /** @param stack number of the stack in which the function was seen */
  countIn(stack: number): void {
    if (stack !== this.#lastStack) this.#stacks++;
    this.#lastStack = stack;
  }

  /**
   * Returns undefined if there is no room for another caller.
   *
   * @param caller address of its code; 0 if the function has no caller
   */
  sightingsOf(caller: Address): CallSightings | undefined {
    const existing = this.#callers.get(caller);
    if (existing || this.#callers.size >= maxCallers) return existing;
    const sightings: CallSightings = { all: 0, ofLastingCaller: 0, lasting: 0 };
    this.#callers.set(caller, sightings);
    return sightings;
  }

  /** Returns true if a caller really calls the function. */
  areReal(caller: Address): boolean {
    const sightings = this.#callers.get(caller);
    return sightings !== undefined && kinds.some((kind) => this.#isFrequent(sightings, kind));
  }

  #isFrequent(sightings: CallSightings, kind: keyof CallSightings): boolean {
    return sightings[kind] >= Math.max(least[kind].sightings, least[kind].share * this.#stacks);
  }
}
