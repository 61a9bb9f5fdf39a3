import type { CallFrame } from '../fold-profile.ts';
import { heldStack, type TurnSample } from './held-stack.ts';
import { type LoopTurn, noTurn } from './turn-reader.ts';

/** A turn of an event loop that has taken too long. */
export interface LoopBlock<Frame extends CallFrame = CallFrame> {
  /** Epoch milliseconds of its start. */
  readonly atMs: number;
  readonly durationMs: number;
  /** Stack that held the loop, the innermost function first. Empty if no JavaScript ran. */
  readonly frames: readonly Frame[];
}

/** Turn of a thread at one moment. */
export interface TurnMoment extends LoopTurn {
  /** CPU time of the thread so far; undefined if the system does not report it. */
  readonly cpuNs: number | undefined;
  /** True if the thread waited within the turn, such as in `spawnSync`. */
  readonly isWaiting?: boolean;
}

/** Moment at which the loop of a thread waited for events. */
export interface LoopRest {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** CPU time of the thread so far. */
  readonly cpuNs: number;
}

/** A captured stack with its turn. */
export interface TurnCapture<Frame extends CallFrame> extends TurnMoment {
  /** The innermost function first. */
  readonly frames: readonly Frame[];
}

interface TurnTrackerOptions<Frame extends CallFrame> {
  readonly isWorker: boolean;
  /** Returns the duration from which on a turn is a block; 0 if blocks are not recorded. */
  readonly minBlockMs: () => number;
  readonly onBlock: (block: LoopBlock<Frame>) => void;
}

interface OpenTurn<Frame extends CallFrame> {
  readonly turn: number;
  readonly startMs: number;
  last: TurnMoment;
  samples: TurnSample<Frame>[];
  /** Every how many captures one is kept, because a turn may last for minutes. */
  stride: number;
  captures: number;
}

/** Maximum number of stacks of a turn that are kept. */
const maxSamples = 1024;
/** Time without CPU time and outside of the loop's waits from which on a thread has waited within a turn. */
const minWaitMs = 5;

/**
 * Finds long turns of the event loop of one thread from captured stacks. Stacks with the same number belong to one turn.
 *
 * The start of a turn is between its first stack and the previous one, and its end is between its last stack and the next one.
 * How long the loop was idle there is exact. If it was seen idle in between, the CPU time since then says when the turn
 * began, and the CPU time until then says when it ended, within a few milliseconds. Otherwise the middle is taken, so that a
 * duration is right within one sampling interval.
 */
export class TurnTracker<Frame extends CallFrame = CallFrame> {
  readonly #options: TurnTrackerOptions<Frame>;
  #previous: TurnMoment | undefined;
  #open: OpenTurn<Frame> | undefined;
  /** Moments when the loop was first and last seen to wait for events since the previous stack. */
  #rest: { readonly first: LoopRest; readonly last: LoopRest } | undefined;

  constructor(options: TurnTrackerOptions<Frame>) {
    this.#options = options;
  }

  addCapture(capture: TurnCapture<Frame>): void {
    const open = this.#open;
    if (open && capture.turn === open.turn) extend(open, capture);
    else this.#next(capture, capture.frames);
    this.#previous = capture;
    this.#rest = undefined;
  }

  /** Adds what the thread reports without a stack. */
  addReading(reading: TurnMoment): void {
    if (this.#previous && reading.atMs < this.#previous.atMs) return;
    if (this.#open?.turn === reading.turn) return;
    this.#next(reading);
    this.#previous = reading;
    this.#rest = undefined;
  }

  /** Notes that the loop waits for events. */
  addRest(rest: LoopRest): void {
    this.#rest = { first: this.#rest?.first ?? rest, last: rest };
  }

  /** Ends the turn in progress, because the thread ends. */
  end(): void {
    this.#close(undefined);
  }

  /** Begins a turn. If the thread has reported it without a stack, later ones say what held it. */
  #next(moment: TurnMoment, frames?: readonly Frame[]): void {
    this.#close(moment);
    const { turn, atMs } = moment;
    if (turn === noTurn) return;
    const startMs = atMs - this.#headMs(moment);
    const samples = frames ? [{ frames, weight: atMs - startMs }] : [];
    this.#open = { turn, startMs, last: moment, samples, stride: 1, captures: samples.length };
  }

  #close(next: TurnMoment | undefined): void {
    const open = this.#open;
    this.#open = undefined;
    const minBlockMs = this.#options.minBlockMs();
    if (!open || open.samples.length === 0 || minBlockMs <= 0) return;
    const endMs = open.last.atMs + this.#tailMs(open.last, next);
    const durationMs = endMs - open.startMs;
    // Also leaves out what is not a number.
    if (!(durationMs >= minBlockMs)) return;
    const frames = heldStack(open.samples);
    // Pools let their workers wait for the next task in `Atomics.wait`.
    if (this.#options.isWorker && isAtomicWait(frames[0])) return;
    this.#options.onBlock({ atMs: open.startMs, durationMs, frames });
  }

  /** Returns how long the turn of a stack had lasted before it was captured. */
  #headMs(capture: TurnMoment): number {
    const previous = this.#previous;
    const rest = this.#rest?.last;
    if (!rest || capture.cpuNs === undefined) return previous ? busyMs(previous, capture) / 2 : 0;
    const usedMs = Math.max(0, capture.cpuNs - rest.cpuNs) / 1e6;
    if (previous?.cpuNs === undefined) return usedMs;
    const waitedMs = waitMs(previous, capture);
    const sinceRestMs = Math.max(0, capture.atMs - rest.atMs);
    // If the thread waited before it rested, this is the wait of the previous turn.
    const isOwnWait = !previous.isWaiting && waitedMs >= minWaitMs;
    return Math.min(sinceRestMs, isOwnWait ? waitedMs + usedMs : usedMs);
  }

  /** Returns how long a turn has gone on after its last stack. */
  #tailMs(last: TurnMoment, next: TurnMoment | undefined): number {
    const maxMs = next ? busyMs(last, next) : Number.POSITIVE_INFINITY;
    const rest = this.#rest?.first;
    if (!rest || last.cpuNs === undefined) return next ? maxMs / 2 : 0;
    const usedMs = Math.max(0, rest.cpuNs - last.cpuNs) / 1e6;
    const waitedMs = next && last.isWaiting ? waitMs(last, next) : 0;
    return Math.min(maxMs, Math.max(0, rest.atMs - last.atMs), usedMs + waitedMs);
  }
}

/** Returns the time between two stacks in which the loop did not wait for events. */
function busyMs(before: LoopTurn, after: LoopTurn): number {
  const elapsedMs = after.atMs - before.atMs;
  return Math.max(0, Math.min(elapsedMs, elapsedMs - (after.idleMs - before.idleMs)));
}

/** Returns the part of the time by `busyMs` in which the thread did not run; 0 without a clock. */
function waitMs(before: TurnMoment, after: TurnMoment): number {
  if (before.cpuNs === undefined || after.cpuNs === undefined) return 0;
  return Math.max(0, busyMs(before, after) - (after.cpuNs - before.cpuNs) / 1e6);
}

function extend<Frame extends CallFrame>(open: OpenTurn<Frame>, capture: TurnCapture<Frame>): void {
  const weight = capture.atMs - open.last.atMs;
  open.last = capture;
  open.captures++;
  if (open.captures % open.stride !== 0) return;
  open.samples.push({ frames: capture.frames, weight: weight * open.stride });
  if (open.samples.length <= maxSamples) return;
  open.samples = open.samples.filter((_, index) => index % 2 === 0).map((sample) => doubled(sample));
  open.stride *= 2;
}

function isAtomicWait(frame: CallFrame | undefined): boolean {
  return frame?.url === '' && /^(Atomics\.)?wait$/.test(frame.functionName);
}

function doubled<Frame extends CallFrame>({ frames, weight }: TurnSample<Frame>): TurnSample<Frame> {
  return { frames, weight: 2 * weight };
}
