import { closeSync, openSync, readSync } from 'node:fs';

/** Address in another process. User addresses have at most 48 bits on the supported processors, so that a number holds them. */
export type Address = number;

/** Thrown if memory of another process cannot be read, because it has changed or the process has ended. */
export class UnreadableMemory extends Error {}

/** Reads the memory of another process through `/proc/PID/mem`. The process neither runs code for it nor is it stopped. */
export class ForeignMemory {
  readonly #file: number;
  #buffer = Buffer.alloc(16 * 1024);

  /** Throws the error of `open` if the system does not permit it (`EACCES`, `EPERM`) or the process does not exist. */
  constructor(pid: number) {
    this.#file = openSync(`/proc/${pid}/mem`, 'r');
  }

  /** Returns a buffer that the next call overwrites. Throws UnreadableMemory if not all bytes can be read. */
  read(address: Address, length: number): Buffer {
    if (length > this.#buffer.length) this.#buffer = Buffer.alloc(2 * length);
    this.#readInto(this.#buffer, address, length);
    return this.#buffer.subarray(0, length);
  }

  /** Reads into a buffer. Throws UnreadableMemory if it cannot be filled. */
  readInto(bytes: Buffer, address: Address): void {
    this.#readInto(bytes, address, bytes.length);
  }

  /** Like `read`, but returns a buffer that stays as it is. */
  copy(address: Address, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.#readInto(bytes, address, length);
    return bytes;
  }

  readAddress(address: Address): Address {
    return addressAt(this.read(address, 8), 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  #readInto(bytes: Buffer, address: Address, length: number): void {
    if (!(address > 0)) throw new UnreadableMemory();
    let count = 0;
    try {
      count = readSync(this.#file, bytes, 0, length, address);
    } catch {
      throw new UnreadableMemory();
    }
    if (count !== length) throw new UnreadableMemory();
  }
}

/** Returns the address at an offset. Throws UnreadableMemory if there is none, because the memory has been used for something else. */
export function addressAt(bytes: Buffer, offset: number): Address {
  if (bytes.readUInt16LE(offset + 6) !== 0) throw new UnreadableMemory();
  return bytes.readUIntLE(offset, 6);
}

/** Returns a size or count at an offset. Throws UnreadableMemory if it is above the maximum. */
export function sizeAt(bytes: Buffer, offset: number, max: number): number {
  const size = addressAt(bytes, offset);
  if (size > max) throw new UnreadableMemory();
  return size;
}
