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
/** A call that was never the same when it was read again is real if it was seen so often in so many stacks. */
const minSightings = 3;
const maxUnconfirmedStacks = 100;
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
  /** Callers of functions, by the addresses of their code, in stacks that did not change; 0 for the outermost function. */
  readonly #callers = new Map<Address, Set<Address>>();
  /** Numbers of stacks with calls that could not be confirmed, since a moment ago. */
  readonly #unconfirmed = new Map<string, number>();
  #unconfirmedStacks = 0;
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

  /** Returns the stack of a thread, the innermost frame first. Throws UnreadableMemory if it changes meanwhile. */
  stackOf({ state }: PythonThread): readonly PythonFrame[] {
    const read = this.#readRunning(state);
    if (!read) return [];
    const { current, frames } = read;
    if (!frames) return this.#stackOfReturned(state, current);
    if (!this.#areKnownCalls(frames)) this.#confirmCalls(state, frames);
    return frames;
  }

  close(): void {
    this.#memory.close();
  }

  /** Returns the current frame of a thread and, if it was running when it was read, the stack. */
  #readRunning(
    state: Address,
  ): { readonly current: FrameBytes; readonly frames: readonly PythonFrame[] | undefined } | undefined {
    this.#window.clear();
    const current = this.#currentFrame(state);
    const running = current && this.#window.runningNear(current);
    return current && { current, frames: running && this.#framesFrom(state, running) };
  }

  /**
   * Reads a stack again, because one of its calls was never seen before: a frame may have been read while the program filled
   * it, and still have its previous caller.
   */
  #confirmCalls(state: Address, frames: readonly PythonFrame[]): void {
    const again = this.#readRunning(state)?.frames;
    const isSame =
      again?.length === frames.length &&
      again.every((frame, index) => frame.codeAddress === frames[index]?.codeAddress);
    if (!isSame && !this.#areSeenOften(frames)) throw new UnreadableMemory();
    this.#rememberCalls(frames);
  }

  /** Counts a stack that was not the same when it was read again. Short calls hardly ever are. */
  #areSeenOften(frames: readonly PythonFrame[]): boolean {
    if (++this.#unconfirmedStacks % maxUnconfirmedStacks === 0) this.#unconfirmed.clear();
    const unknown = frames.flatMap(({ codeAddress }, index) => {
      const caller = frames[index + 1]?.codeAddress ?? 0;
      return this.#callers.get(codeAddress)?.has(caller) ? [] : [`${codeAddress} ${caller}`];
    });
    for (const call of unknown) this.#unconfirmed.set(call, (this.#unconfirmed.get(call) ?? 0) + 1);
    return unknown.every((call) => (this.#unconfirmed.get(call) ?? 0) >= minSightings);
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
  #stackOfReturned(state: Address, returned: FrameBytes): readonly PythonFrame[] {
    const frame = this.#toFrame(returned.bytes);
    let caller = this.#layout.frame.stackTop === undefined ? undefined : this.#window.callerOf(returned);
    if (!caller) {
      const current = this.#currentFrame(state);
      caller = current && this.#window.runningNear(current);
    }
    if (!frame || !caller) throw new UnreadableMemory();
    const callers = this.#framesFrom(state, caller);
    const frames = [frame, ...callers];
    if (this.#areKnownCalls(frames)) return frames;
    // The thread may already have made the next call.
    if (this.#areKnownCalls(callers)) return callers;
    throw new UnreadableMemory();
  }

  /** Returns a frame and those that have called it. All must be in progress. */
  #framesFrom(state: Address, innermost: FrameBytes): readonly PythonFrame[] {
    const frames: PythonFrame[] = [];
    let frame: FrameBytes | undefined = innermost;
    let outermost = '';
    for (let depth = 0; frame; depth++) {
      if (depth >= maxFrames) return frames;
      if (!this.#window.isInProgress(frame)) throw new UnreadableMemory();
      outermost = `${frame.address} ${this.#codeOf(frame.bytes)}`;
      const read = this.#toFrame(frame.bytes);
      if (read) frames.push(read);
      frame = this.#window.callerOf(frame);
    }
    this.#checkOutermost(state, outermost);
    return frames;
  }

  #rememberCalls(frames: readonly PythonFrame[]): void {
    for (const [index, { codeAddress }] of frames.entries()) {
      const caller = frames[index + 1]?.codeAddress ?? 0;
      const callers = this.#callers.get(codeAddress);
      if (callers) {
        if (callers.size < maxKnownCalls) callers.add(caller);
      } else if (this.#callers.size < maxKnownCalls) this.#callers.set(codeAddress, new Set([caller]));
    }
  }

  #areKnownCalls(frames: readonly PythonFrame[]): boolean {
    return frames.every(({ codeAddress }, index) =>
      this.#callers.get(codeAddress)?.has(frames[index + 1]?.codeAddress ?? 0),
    );
  }

  #codeOf(bytes: Buffer): Address {
    return withoutTag(addressAt(bytes, this.#layout.frame.code));
  }

  /** Returns undefined for a frame of C code. */
  #toFrame(bytes: Buffer): PythonFrame | undefined {
    const { instruction, instructionKind, owner } = this.#layout.frame;
    if (owner && bytes.readUInt8(owner.offset) >= owner.lowestOfC) return undefined;
    const codeAddress = this.#codeOf(bytes);
    const code = this.#codes.at(codeAddress);
    // Threads without a common lock may run copies of the instructions.
    if (this.#isFreeThreaded) return { code, codeAddress, line: 0 };
    const offset =
      instructionKind === 'address'
        ? this.#codes.offsetOf(codeAddress, addressAt(bytes, instruction))
        : Math.max(0, bytes.readInt32LE(instruction)) * (instructionKind === 'units' ? 2 : 1);
    return { code, codeAddress, line: this.#codes.lineOf(codeAddress, offset) ?? 0 };
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
