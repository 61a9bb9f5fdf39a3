/**
 * Reads single values of the protobuf wire format with bounds checks and skips unknown ones. Written by hand, because the
 * available libraries are ten times as large and decode the whole protocol, of which we need a fifth.
 * Source: protobuf.dev/programming-guides/encoding.
 */
import { MalformedError } from './otlp-schema.ts';

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Length of the longest varint, which is also that of a negative 64-bit number. */
const maxVarintBytes = 10;

export class ProtobufReader {
  readonly #bytes: Buffer;
  offset = 0;
  /** End of the current message. Reading beyond it is an error. */
  end: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.end = bytes.length;
  }

  /** Reads an unsigned number, exact up to 2^53. */
  varint(): number {
    const first = this.#bytes[this.offset] as number;
    if (first < 128 && this.offset < this.end) {
      this.offset++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let length = 0; length < maxVarintBytes; length++) {
      if (this.offset >= this.end) throw new MalformedError('it ends within a number');
      const byte = this.#bytes[this.offset++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new MalformedError('it contains a number that does not end');
  }

  int64(): number {
    const start = this.offset;
    const value = this.varint();
    if (this.offset - start < maxVarintBytes) return value;
    let bits = 0n;
    for (let index = this.offset - 1; index >= start; index--) {
      bits = (bits << 7n) | BigInt((this.#bytes[index] as number) & 127);
    }
    return Number(BigInt.asIntN(64, bits));
  }

  sint32(): number {
    const value = this.varint() >>> 0;
    return (value >>> 1) ^ -(value & 1);
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#advance(8));
  }

  sfixed64(): bigint {
    return this.#bytes.readBigInt64LE(this.#advance(8));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  text(): string {
    const length = this.varint();
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  hex(): string {
    const length = this.varint();
    const start = this.#advance(length);
    return this.#bytes.toString('hex', start, start + length);
  }

  /** Sets the end to that of the nested message at the offset. Returns the previous end, to be restored after it. */
  enter(): number {
    const outerEnd = this.end;
    const length = this.varint();
    const start = this.#advance(length);
    this.offset = start;
    this.end = start + length;
    return outerEnd;
  }

  skip(wireType: number): void {
    if (wireType === wireTypes.varint) this.varint();
    else if (wireType === wireTypes.fixed64) this.#advance(8);
    else if (wireType === wireTypes.bytes) this.#advance(this.varint());
    else if (wireType === wireTypes.fixed32) this.#advance(4);
    else throw new MalformedError(`it has a field of the unknown wire type ${wireType}`);
  }

  #advance(length: number): number {
    const start = this.offset;
    if (length > this.end - start) throw new MalformedError('it ends within a field');
    this.offset = start + length;
    return start;
  }
}
