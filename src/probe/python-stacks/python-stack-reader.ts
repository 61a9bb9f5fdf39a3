import { CodeObjects, type PythonCode } from './code-objects.ts';
import type { FoundPython } from './find-python.ts';
import { type Address, addressAt, type ForeignMemory, UnreadableMemory } from './foreign-memory.ts';
import { type FrameBytes, FrameWindow, withoutTag } from './frame-window.ts';
import type { PythonLayout } from './layout/python-layout.ts';

/** Python thread, as its interpreter lists it. */
export interface PythonThread {
  /** Address of its state. */
  readonly state: Address;
  /** Number in the system; undefined before Python 3.11. */
  readonly nativeId: number | undefined;
  /** Address of the thread library's record. */
  readonly libraryId: Address;
}

/** Call of a Python function on a stack. */
export interface PythonFrame {
  readonly code: PythonCode;
  /** Address of the code object. */
  readonly codeAddress: Address;
  /** Line that runs or that has made the next call; 0 if it is not known. */
  readonly line: number;
}

const maxThreads = 10_000;
const maxInterpreters = 1000;
/** Maximum number of frames of a stack. The outer ones of deeper stacks are not read. */
const maxFrames = 4096;
/** Maximum number of functions whose callers are remembered, and of callers of a function. */
const maxKnownCalls = 20_000;
/** A call that never lasted is real if it was seen so often, and in such a part of the stacks with its function. */
const minSightings = 5;
const minShare = 0.03;
/** A read that took so much longer than those before and after it was interrupted. */
const maxSlowdown = 4;
const slowMs = 0.03;

interface StackFrame extends PythonFrame {
  readonly address: Address;
}

/** Stack that was read once. */
interface ReadStack {
  readonly frames: readonly StackFrame[];
  /** Frame that was the current one, but has left the stack before it was read. */
  readonly returned?: StackFrame;
}

/** Callers of a function, by the addresses of their code; 0 for the outermost function. */
interface FunctionCalls {
  sightings: number;
  /** Numbers of sightings; Infinity for calls that were certain. */
  readonly callers: Map<Address, number>;
}

/**
 * Reads the stacks of a Python process while it runs. A stack that changes meanwhile is rejected: its frames must be running, have
 * code objects with the instruction that they are at, and end where the stack of the thread began.
 */
export class PythonStackReader {
  readonly #memory: ForeignMemory;
  readonly #runtime: Address;
  readonly #layout: PythonLayout;
  readonly #isFreeThreaded: boolean;
  readonly #codes: CodeObjects;
  readonly #window: FrameWindow;
  readonly #calls = new Map<Address, FunctionCalls>();
  /** Address and code of the outermost frame, by thread: those of the previous stack, and of one that differed from it. */
  readonly #outermost = new Map<Address, { confirmed: string; candidate: string }>();

  constructor({ memory, runtime, layout, isFreeThreaded }: FoundPython) {
    this.#memory = memory;
    this.#runtime = runtime;
    this.#layout = layout;
    this.#isFreeThreaded = isFreeThreaded;
    this.#codes = new CodeObjects(memory, layout);
    this.#window = new FrameWindow(memory, layout.frame);
  }

  /** Returns the threads of all interpreters. Throws UnreadableMemory if the list changes meanwhile. */
  threads(): readonly PythonThread[] {
    const { runtime, interpreter, thread } = this.#layout;
    const threads: PythonThread[] = [];
    let interpreterAt = this.#memory.readAddress(this.#runtime + runtime.interpreters);
    for (let count = 0; interpreterAt > 0 && count < maxInterpreters; count++) {
      let state = this.#memory.readAddress(interpreterAt + interpreter.threads);
      while (state > 0 && threads.length < maxThreads) {
        const bytes = this.#memory.read(state, (thread.nativeId ?? thread.id) + 8);
        const nativeId = thread.nativeId === undefined ? undefined : bytes.readUInt32LE(thread.nativeId);
        threads.push({ state, nativeId, libraryId: addressAt(bytes, thread.id) });
        state = addressAt(bytes, thread.next);
      }
      interpreterAt = this.#memory.readAddress(interpreterAt + interpreter.next);
    }
    for (const state of this.#outermost.keys()) {
      if (!threads.some((thread) => thread.state === state)) this.#outermost.delete(state);
    }
    return threads;
  }

  /**
   * Returns the stack of a thread, the innermost frame first. It is read three times, and the second one is returned: frames
   * that are in the first and the third one were on the stack all the time. Throws UnreadableMemory if the stack changes
   * meanwhile so that the calls between the others are not certain.
   */
  stackOf({ state }: PythonThread): readonly PythonFrame[] {
    const first = this.#readTimed(state);
    const stack = this.#readTimed(state);
    const third = this.#readTimed(state);
    if (!first && !stack && !third) return [];
    if (!first || !stack || !third) throw new UnreadableMemory();
    if (stack.durationMs > maxSlowdown * Math.min(first.durationMs, third.durationMs) + slowMs)
      throw new UnreadableMemory();
    const lasting = lastingFrames(first.frames, stack.frames, third.frames);
    if (stack.returned) return this.#stackOfReturned(stack.returned, stack.frames, lasting);
    this.#learn(stack.frames, lasting);
    if (!this.#areKnownCalls(stack.frames, lasting)) throw new UnreadableMemory();
    return stack.frames;
  }

  close(): void {
    this.#memory.close();
  }

  #readTimed(state: Address): (ReadStack & { readonly durationMs: number }) | undefined {
    const startMs = performance.now();
    const stack = this.#read(state);
    return stack && { ...stack, durationMs: performance.now() - startMs };
  }

  /** Reads a stack once. Frames that are not near each other are not of the same moment. */
  #read(state: Address): ReadStack | undefined {
    this.#window.clear();
    const current = this.#currentFrame(state);
    if (!current) return undefined;
    const running = this.#window.runningNear(current);
    if (running) return { frames: this.#framesFrom(state, running) };
    const returned = this.#toFrame(current);
    let caller = this.#layout.frame.stackTop === undefined ? undefined : this.#window.callerOf(current);
    if (!caller) {
      const next = this.#currentFrame(state);
      caller = next && this.#window.runningNear(next);
    }
    if (!returned || !caller) throw new UnreadableMemory();
    return { returned, frames: this.#framesFrom(state, caller) };
  }

  /**
   * Remembers the calls between frames that were on the stack all the time, and those that were seen so often that they were not
   * read while the program changed them: short calls hardly ever last for three reads.
   */
  #learn(frames: readonly StackFrame[], lasting: number): void {
    for (const [index, { codeAddress }] of frames.entries()) {
      const caller = frames[index + 1]?.codeAddress ?? 0;
      const calls = this.#callsOf(codeAddress);
      if (!calls) return;
      calls.sightings++;
      const isLasting = index >= frames.length - lasting;
      const count = calls.callers.get(caller) ?? 0;
      if (calls.callers.size < maxKnownCalls || count > 0)
        calls.callers.set(caller, isLasting ? Number.POSITIVE_INFINITY : count + 1);
    }
  }

  #callsOf(codeAddress: Address): FunctionCalls | undefined {
    const existing = this.#calls.get(codeAddress);
    if (existing || this.#calls.size >= maxKnownCalls) return existing;
    const calls: FunctionCalls = { sightings: 0, callers: new Map() };
    this.#calls.set(codeAddress, calls);
    return calls;
  }

  #currentFrame(state: Address): FrameBytes | undefined {
    const { frame, frameInHolder } = this.#layout.thread;
    const holder = this.#memory.readAddress(state + frame);
    const address = frameInHolder === undefined ? holder : this.#memory.readAddress(holder + frameInHolder);
    return address === 0 ? undefined : this.#window.frameAt(address);
  }

  /**
   * Returns the stack of a frame that was the current one, but has returned or yielded before it could be read. To reject all of
   * these would make short calls rarer than they are. The stack is accepted if each of its calls is known from another stack.
   */
  #stackOfReturned(returned: StackFrame, callers: readonly StackFrame[], lasting: number): readonly PythonFrame[] {
    const frames = [returned, ...callers];
    if (this.#areKnownCalls(frames, lasting, 0)) return frames;
    // The thread may already have made the next call.
    if (this.#areKnownCalls(callers, lasting)) return callers;
    throw new UnreadableMemory();
  }

  /** Returns a frame and those that have called it. All must be in progress. */
  #framesFrom(state: Address, innermost: FrameBytes): readonly StackFrame[] {
    const frames: StackFrame[] = [];
    let frame: FrameBytes | undefined = innermost;
    let outermost = '';
    for (let depth = 0; frame; depth++) {
      if (depth >= maxFrames) return frames;
      if (!this.#window.isInProgress(frame)) throw new UnreadableMemory();
      outermost = `${frame.address} ${this.#codeOf(frame.bytes)}`;
      const read = this.#toFrame(frame);
      if (read) frames.push(read);
      frame = this.#window.callerOf(frame);
    }
    this.#checkOutermost(state, outermost);
    return frames;
  }

  /**
   * Returns false if a call is not certain. That of the innermost of the lasting frames is: the frame before was current in
   * between.
   */
  #areKnownCalls(frames: readonly StackFrame[], lasting: number, certain = 1): boolean {
    return frames.slice(0, Math.max(0, frames.length - lasting - certain)).every(({ codeAddress }, index) => {
      const calls = this.#calls.get(codeAddress);
      const count = calls?.callers.get(frames[index + 1]?.codeAddress ?? 0) ?? 0;
      return calls !== undefined && count >= Math.max(minSightings, minShare * calls.sightings);
    });
  }

  #codeOf(bytes: Buffer): Address {
    return withoutTag(addressAt(bytes, this.#layout.frame.code));
  }

  /** Returns undefined for a frame of C code. */
  #toFrame({ address, bytes }: FrameBytes): StackFrame | undefined {
    const { instruction, instructionKind, owner } = this.#layout.frame;
    if (owner && bytes.readUInt8(owner.offset) >= owner.lowestOfC) return undefined;
    const codeAddress = this.#codeOf(bytes);
    const code = this.#codes.at(codeAddress);
    // Threads without a common lock may run copies of the instructions.
    if (this.#isFreeThreaded) return { address, code, codeAddress, line: 0 };
    const offset =
      instructionKind === 'address'
        ? this.#codes.offsetOf(codeAddress, addressAt(bytes, instruction))
        : Math.max(0, bytes.readInt32LE(instruction)) * (instructionKind === 'units' ? 2 : 1);
    return { address, code, codeAddress, line: this.#codes.lineOf(codeAddress, offset) ?? 0 };
  }

  /**
   * A frame that has just been left may refer to another caller than before. So a stack must end at the frame at which the thread
   * has begun. If a thread has come to run something else, two stacks must agree on it.
   */
  #checkOutermost(state: Address, outermost: string): void {
    const previous = this.#outermost.get(state);
    if (!previous) this.#outermost.set(state, { confirmed: outermost, candidate: outermost });
    else if (outermost === previous.confirmed) previous.candidate = outermost;
    else if (outermost === previous.candidate) previous.confirmed = outermost;
    else {
      previous.candidate = outermost;
      throw new UnreadableMemory();
    }
  }
}

/** Returns the number of outermost frames that three stacks have in common. */
function lastingFrames(
  ...stacks: readonly [readonly StackFrame[], readonly StackFrame[], readonly StackFrame[]]
): number {
  const [first, second, third] = stacks;
  let count = 0;
  for (const max = Math.min(first.length, second.length, third.length); count < max; count++) {
    const frame = second.at(-1 - count);
    if (!isSame(frame, first.at(-1 - count)) || !isSame(frame, third.at(-1 - count))) break;
  }
  return count;
}

function isSame(a: StackFrame | undefined, b: StackFrame | undefined): boolean {
  return a?.address === b?.address && a?.codeAddress === b?.codeAddress;
}
