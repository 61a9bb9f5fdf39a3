import { CodeObjects, type PythonCode } from './code-objects.ts';
import type { FoundPython } from './find-python.ts';
import { type Address, addressAt, type ForeignMemory, UnreadableMemory } from './foreign-memory.ts';
import { type FrameBytes, FrameWindow, withoutTag } from './frame-window.ts';
import { FunctionCalls } from './function-calls.ts';
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
/** Maximum number of functions whose callers are remembered. */
const maxFunctions = 20_000;
/** If three reads take so much longer than three times the fastest of them, this thread did not run all the time. */
const maxSlowdown = 3;
const slowMs = 0.015;

/** Frame and its code, by which it is recognized when it is read again. */
interface FrameLink {
  readonly address: Address;
  readonly codeAddress: Address;
}

type StackFrame = FrameLink & PythonFrame;

/** Stack that was read once. */
interface ReadStack<Frame extends FrameLink> {
  readonly frames: readonly Frame[];
  /** Positions of frames that had changed after their callers were read. */
  readonly changed: ReadonlySet<number>;
  /** Frame that was the current one, but has left the stack before it was read. */
  readonly returned?: Frame;
}

type TimedStack<Frame extends FrameLink> = ReadStack<Frame> & { readonly durationMs: number };

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
  #learnedStacks = 0;
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
    const startMs = performance.now();
    const first = this.#readLinks(state);
    const stack = this.#readTimed(state, (frame) => this.#toFrame(frame));
    const third = this.#readLinks(state);
    if (!stack) return [];
    const usualMs = Math.max(slowMs, Math.min(...[first, stack, third].flatMap((read) => read?.durationMs ?? [])));
    if (performance.now() - startMs > maxSlowdown * 3 * usualMs) throw new UnreadableMemory();
    const lasting = lastingFrames(first?.frames ?? [], stack.frames, third?.frames ?? []);
    if (stack.returned) return this.#stackOfReturned(stack.returned, stack.frames);
    this.#learn(stack, lasting);
    if (!this.#areKnownCalls(stack.frames)) throw new UnreadableMemory();
    return stack.frames;
  }

  close(): void {
    this.#memory.close();
  }

  /** Returns undefined if the stack changes meanwhile. To reject all of these would make short calls rarer than they are. */
  #readLinks(state: Address): TimedStack<FrameLink> | undefined {
    try {
      return this.#readTimed(state, (frame) => this.#toLink(frame));
    } catch (error) {
      if (!(error instanceof UnreadableMemory)) throw error;
      return undefined;
    }
  }

  #readTimed<Frame extends FrameLink>(
    state: Address,
    toFrame: (frame: FrameBytes) => Frame | undefined,
  ): TimedStack<Frame> | undefined {
    const startMs = performance.now();
    const stack = this.#read(state, toFrame);
    return stack && { ...stack, durationMs: performance.now() - startMs };
  }

  /** Reads a stack once. Frames that are not near each other are not of the same moment. */
  #read<Frame extends FrameLink>(
    state: Address,
    toFrame: (frame: FrameBytes) => Frame | undefined,
  ): ReadStack<Frame> | undefined {
    this.#window.clear();
    const current = this.#currentFrame(state);
    if (!current) return undefined;
    const running = this.#window.runningNear(current);
    if (running) return this.#framesFrom(state, running, toFrame);
    const returned = toFrame(current);
    let caller = this.#layout.frame.stackTop === undefined ? undefined : this.#window.callerOf(current);
    if (!caller) {
      const next = this.#currentFrame(state);
      caller = next && this.#window.runningNear(next);
    }
    if (!returned || !caller) throw new UnreadableMemory();
    return { returned, ...this.#framesFrom(state, caller, toFrame) };
  }

  /**
   * Remembers the calls of a stack. Short calls hardly ever last for three reads.
   *
   * @param lasting number of outermost frames that were on the stack all the time
   */
  #learn({ frames, changed }: ReadStack<FrameLink>, lasting: number): void {
    this.#learnedStacks++;
    for (const [index, { codeAddress }] of frames.entries()) {
      if (changed.has(index)) continue;
      const calls = this.#callsOf(codeAddress);
      const sightings = calls?.sightingsOf(frames[index + 1]?.codeAddress ?? 0);
      if (!calls || !sightings) return;
      /** Number of frames from this one to the outermost that was not on the stack all the time. */
      const changing = frames.length - lasting - index;
      calls.countIn(this.#learnedStacks);
      sightings.all++;
      if (changing <= 1) sightings.ofLastingCaller++;
      if (changing <= 0) sightings.lasting++;
    }
  }

  #callsOf(codeAddress: Address): FunctionCalls | undefined {
    const existing = this.#calls.get(codeAddress);
    if (existing || this.#calls.size >= maxFunctions) return existing;
    const calls = new FunctionCalls();
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
  #stackOfReturned(returned: StackFrame, callers: readonly StackFrame[]): readonly PythonFrame[] {
    const frames = [returned, ...callers];
    if (this.#areKnownCalls(frames)) return frames;
    // The thread may already have made the next call.
    if (this.#areKnownCalls(callers)) return callers;
    throw new UnreadableMemory();
  }

  /** Returns a frame and those that have called it. All must be in progress. */
  #framesFrom<Frame extends FrameLink>(
    state: Address,
    innermost: FrameBytes,
    toFrame: (frame: FrameBytes) => Frame | undefined,
  ): Pick<ReadStack<Frame>, 'frames' | 'changed'> {
    const frames: Frame[] = [];
    const changed = new Set<number>();
    let frame: FrameBytes | undefined = innermost;
    let outermost = '';
    for (let depth = 0; frame; depth++) {
      if (depth >= maxFrames) return { frames, changed };
      if (!this.#window.isInProgress(frame)) throw new UnreadableMemory();
      outermost = `${frame.address} ${this.#codeOf(frame.bytes)}`;
      const read = toFrame(frame);
      if (read) frames.push(read);
      const { changes } = this.#window;
      frame = this.#window.callerOf(frame);
      if (this.#window.changes > changes) changed.add(frames.length - 1);
    }
    this.#checkOutermost(state, outermost);
    return { frames, changed };
  }

  #areKnownCalls(frames: readonly FrameLink[]): boolean {
    return frames.every(({ codeAddress }, index) =>
      this.#calls.get(codeAddress)?.areReal(frames[index + 1]?.codeAddress ?? 0),
    );
  }

  #codeOf(bytes: Buffer): Address {
    return withoutTag(addressAt(bytes, this.#layout.frame.code));
  }

  /** Returns undefined for a frame of C code. */
  #toLink({ address, bytes }: FrameBytes): FrameLink | undefined {
    const { owner } = this.#layout.frame;
    if (owner && bytes.readUInt8(owner.offset) >= owner.lowestOfC) return undefined;
    return { address, codeAddress: this.#codeOf(bytes) };
  }

  #toFrame(frame: FrameBytes): StackFrame | undefined {
    const link = this.#toLink(frame);
    if (!link) return undefined;
    const { bytes } = frame;
    const { codeAddress } = link;
    const { instruction, instructionKind } = this.#layout.frame;
    const code = this.#codes.at(codeAddress);
    // Threads without a common lock may run copies of the instructions.
    if (this.#isFreeThreaded) return { ...link, code, line: 0 };
    const offset =
      instructionKind === 'address'
        ? this.#codes.offsetOf(codeAddress, addressAt(bytes, instruction))
        : Math.max(0, bytes.readInt32LE(instruction)) * (instructionKind === 'units' ? 2 : 1);
    return { ...link, code, line: this.#codes.lineOf(codeAddress, offset) ?? 0 };
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
function lastingFrames(...[first, second, third]: readonly [Links, Links, Links]): number {
  let count = 0;
  for (const max = Math.min(first.length, second.length, third.length); count < max; count++) {
    const frame = second.at(-1 - count);
    if (!isSame(frame, first.at(-1 - count)) || !isSame(frame, third.at(-1 - count))) break;
  }
  return count;
}

type Links = readonly FrameLink[];

function isSame(a: FrameLink | undefined, b: FrameLink | undefined): boolean {
  return a?.address === b?.address && a?.codeAddress === b?.codeAddress;
}
