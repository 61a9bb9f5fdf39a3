/** A file of independent parts that grows at its end, so that a change of one part does not rewrite the others. */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { writeAtomically } from '../../../process/write-atomically.ts';

/** Place and checksum of a part. */
export type Segment = readonly [offset: number, length: number, checksum: number];

/** Length of the identifier in the first line, because another process may replace the file. */
const idLength = 36;
const maxStartBytes = 8192;

/** Error for a part that was changed or cut off by something else. */
export class DamagedSegmentError extends Error {}

export class SegmentFile {
  readonly path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** Opens a file to read its parts. Returns undefined if it is missing or another one than expected. */
  static open(path: string, id: string): SegmentFile | undefined {
    return SegmentFile.openChecked(path, (start) => start.startsWith(`${id}\n`));
  }

  /** Opens a file if the text at its start passes a check. */
  static openChecked(path: string, check: (start: string) => boolean): SegmentFile | undefined {
    try {
      const descriptor = openSync(path, 'r');
      const bytes = Buffer.alloc(maxStartBytes);
      const length = readSync(descriptor, bytes, 0, maxStartBytes, 0);
      if (check(bytes.toString('utf8', 0, length))) return new SegmentFile(path, descriptor);
      closeSync(descriptor);
    } catch {
      // The caller computes the contents again.
    }
    return undefined;
  }

  /** Writes a new file with these parts. Returns its id and the places of the parts. Throws the file system's error. */
  static create(path: string, parts: readonly Uint8Array[]): { readonly id: string; readonly segments: Segment[] } {
    const id = randomUUID();
    const segments: Segment[] = [];
    let offset = idLength + 1;
    for (const part of parts) {
      segments.push([offset, part.length, crc32(part)]);
      offset += part.length;
    }
    writeAtomically(path, Buffer.concat([Buffer.from(`${id}\n`), ...parts]), { mode: 0o600 });
    return { id, segments };
  }

  /** Appends parts and returns their places. Throws the file system's error. */
  append(parts: readonly Uint8Array[]): Segment[] {
    const descriptor = openSync(this.path, 'a');
    try {
      // Another process may have appended in the meantime; its parts are verified by their checksums.
      let offset = fstatSync(descriptor).size;
      return parts.map((part): Segment => {
        writeSync(descriptor, part);
        offset += part.length;
        return [offset - part.length, part.length, crc32(part)];
      });
    } finally {
      closeSync(descriptor);
    }
  }

  get size(): number {
    return fstatSync(this.#descriptor).size;
  }

  /** Reads a part. Throws a `DamagedSegmentError` if it does not have its checksum. */
  read([offset, length, checksum]: Segment): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const read = length === 0 ? 0 : readSync(this.#descriptor, bytes, 0, length, offset);
    if (read !== length || crc32(bytes) !== checksum) throw new DamagedSegmentError(`${this.path} is damaged.`);
    return bytes;
  }

  /** Reads parts in this order; adjacent parts are read at once. Throws a `DamagedSegmentError`. */
  *readAll(segments: readonly Segment[]): Generator<Buffer> {
    for (let first = 0; first < segments.length; ) {
      let last = first;
      const [start] = segments[first] as Segment;
      let end = start + (segments[first] as Segment)[1];
      while (last + 1 < segments.length && segments[last + 1]?.[0] === end && end - start < maxReadBytes) {
        last++;
        end += (segments[last] as Segment)[1];
      }
      const bytes = Buffer.allocUnsafe(end - start);
      if (end > start && readSync(this.#descriptor, bytes, 0, end - start, start) !== end - start) {
        throw new DamagedSegmentError(`${this.path} is cut off.`);
      }
      for (const [offset, length, checksum] of segments.slice(first, last + 1)) {
        if (crc32(bytes.subarray(offset - start, offset - start + length)) !== checksum) {
          throw new DamagedSegmentError(`${this.path} is damaged.`);
        }
      }
      yield bytes;
      first = last + 1;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

const maxReadBytes = 4e6;
