import { type Address, addressAt, type ForeignMemory } from './foreign-memory.ts';
import type { FrameLayout } from './layout/python-layout.ts';

/** Bytes that are read before and after a frame: its callers are usually before it, and calls that it makes behind. */
const before = 4096;
const after = 1024;
const pageBytes = 4096;
const maxFirstPages = 1000;
/** Value of `stacktop` in a frame that runs. */
const isRunning = -1;

/** A frame in a copy of the memory of a process, until more memory is read. */
export interface FrameBytes {
  readonly address: Address;
  readonly bytes: Buffer;
}

/** Copies of the memory around frames. Frames in one copy were in the process at the same time. */
export class FrameWindow {
  readonly #memory: ForeignMemory;
  readonly #layout: FrameLayout;
  /** Reused, because new buffers of this size would cost more than to fill them. */
  readonly #whole: Buffer;
  readonly #single: Buffer;
  readonly #again: Buffer;
  /** Pages whose previous page does not exist. */
  readonly #firstPages = new Set<Address>();
  #changes = 0;
  #start: Address = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(memory: ForeignMemory, layout: FrameLayout) {
    this.#memory = memory;
    this.#layout = layout;
    this.#whole = Buffer.alloc(before + layout.size + after);
    this.#single = Buffer.alloc(layout.size);
    this.#again = Buffer.alloc(layout.size);
  }

  /** Forgets the copies of the memory. */
  clear(): void {
    this.#bytes = this.#single.subarray(0, 0);
  }

  /** Returns a frame. Throws UnreadableMemory if there is no memory at the address. */
  frameAt(address: Address): FrameBytes {
    return this.#copied(address) ?? this.#read(address);
  }

  /** Number of frames that had changed after their callers were copied: the caller may be that of a later call. */
  get changes(): number {
    return this.#changes;
  }

  /** Returns the caller of a frame, or undefined if it is the outermost one. See `changes`. */
  callerOf(frame: FrameBytes): FrameBytes | undefined {
    const address = withoutTag(addressAt(frame.bytes, this.#layout.previous));
    if (address === 0) return undefined;
    const copied = this.#copied(address);
    // Before 3.11, frames say of themselves if they are in progress.
    if (copied || this.#layout.running) return copied ?? this.#read(address);
    const link = this.#linkOf(frame.bytes);
    const caller = this.#read(address);
    this.#memory.readInto(this.#again, frame.address);
    if (this.#linkOf(this.#again) !== link) this.#changes++;
    return caller;
  }

  /** Returns what stays the same in a frame as long as the call lasts. */
  #linkOf(bytes: Buffer): string {
    const { previous, code, stackTop } = this.#layout;
    return [previous, code, ...(stackTop === undefined ? [] : [stackTop])]
      .map((offset) => bytes.readUInt32LE(offset))
      .join(' ');
  }

  /**
   * Returns the frame that was running when the memory around a frame was copied, or undefined if it is not there. It is not the
   * given frame if that was the current one a moment before.
   */
  runningNear(frame: FrameBytes): FrameBytes | undefined {
    if (this.#layout.stackTop === undefined) return this.isInProgress(frame) ? frame : undefined;
    if (this.#isRunning(frame)) return frame;
    return this.#runningBelow(frame) ?? this.#runningAbove(frame);
  }

  /** Returns false if a frame says of itself that it is not on a stack. */
  isInProgress({ bytes }: FrameBytes): boolean {
    const { running } = this.#layout;
    return running === undefined || bytes.readInt8(running.offset) === running.value;
  }

  /** The frame may have returned. Its memory still has its caller. */
  #runningBelow(frame: FrameBytes): FrameBytes | undefined {
    for (let current = frame; !this.#isCalledByC(current); ) {
      const address = withoutTag(addressAt(current.bytes, this.#layout.previous));
      const caller = this.#copied(address);
      if (!caller || this.#isOfC(caller)) return undefined;
      if (this.#isRunning(caller)) return caller;
      current = caller;
    }
    return undefined;
  }

  /** The frame may have made a call. The frame of that call is behind it. */
  #runningAbove(frame: FrameBytes): FrameBytes | undefined {
    const { previous, size } = this.#layout;
    const end = this.#start + this.#bytes.length;
    let caller = frame.address;
    for (let address = caller + size; address + size <= end; address += 8) {
      const callee = this.#copied(address);
      if (!callee || callee.bytes.readUIntLE(previous, 6) !== caller) continue;
      if (this.#isRunning(callee)) return callee;
      caller = address;
      address += size - 8;
    }
    return undefined;
  }

  #isRunning({ bytes }: FrameBytes): boolean {
    const { stackTop } = this.#layout;
    return stackTop !== undefined && bytes.readInt32LE(stackTop) === isRunning;
  }

  #isCalledByC({ bytes }: FrameBytes): boolean {
    const { isEntry } = this.#layout;
    return isEntry !== undefined && bytes.readUInt8(isEntry) === 1;
  }

  #isOfC({ bytes }: FrameBytes): boolean {
    const { owner } = this.#layout;
    return owner !== undefined && bytes.readUInt8(owner.offset) >= owner.lowestOfC;
  }

  #copied(address: Address): FrameBytes | undefined {
    const offset = address - this.#start;
    if (offset < 0 || offset + this.#layout.size > this.#bytes.length) return undefined;
    return { address, bytes: this.#bytes.subarray(offset, offset + this.#layout.size) };
  }

  #read(address: Address): FrameBytes {
    const { size, running } = this.#layout;
    // Before 3.11, each frame is an object of its own.
    if (running || !this.#tryToCopyAround(address)) {
      this.clear();
      this.#memory.readInto(this.#single, address);
      this.#start = address;
      this.#bytes = this.#single;
    }
    return { address, bytes: this.#bytes.subarray(address - this.#start, address - this.#start + size) };
  }

  /** Returns false if some of the memory does not exist. Memory for frames often begins with the page of the outermost ones. */
  #tryToCopyAround(address: Address): boolean {
    const page = address - (address % pageBytes);
    if (this.#firstPages.has(page)) return this.#tryToCopy(this.#whole, page);
    if (address > before && this.#tryToCopy(this.#whole, address - before)) return true;
    if (this.#firstPages.size >= maxFirstPages) this.#firstPages.clear();
    this.#firstPages.add(page);
    return this.#tryToCopy(this.#whole, page);
  }

  /** Returns false if some of the memory does not exist. */
  #tryToCopy(bytes: Buffer, start: Address): boolean {
    try {
      this.#memory.readInto(bytes, start);
    } catch {
      return false;
    }
    this.#start = start;
    this.#bytes = bytes;
    return true;
  }
}

/** Removes the two lowest bits, in which Python 3.14 marks references. */
export function withoutTag(address: Address): Address {
  return address - (address % 4);
}
