/**
 * Protobuf on the wire: single values, read within bounds and skipped where nobody wants them. Written by hand because
 * the libraries that could do it are ten times this file and decode the whole protocol to read a fifth of it.
 * Source: protobuf.dev/programming-guides/encoding.
 */
import { Malformed } from './otlp-schema.ts';

export const wires = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A varint of 64 bits takes at most ten bytes, and a negative one takes all of them. */
const longestVarint = 10;

export class Reader {
  readonly #bytes: Buffer;
  at = 0;
  /** Nothing is read from here on: the end of the message under way. */
  end: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.end = bytes.length;
  }

  /** Without sign; exact up to 2^53. */
  varint(): number {
    const first = this.#bytes[this.at] as number;
    if (first < 128 && this.at < this.end) {
      this.at++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let length = 0; length < longestVarint; length++) {
      if (this.at >= this.end) throw new Malformed('it ends within a number');
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new Malformed('a number in it has no end');
  }

  int64(): number {
    const start = this.at;
    const value = this.varint();
    if (this.at - start < longestVarint) return value;
    let bits = 0n;
    for (let at = this.at - 1; at >= start; at--) bits = (bits << 7n) | BigInt((this.#bytes[at] as number) & 127);
    return Number(BigInt.asIntN(64, bits));
  }

  sint32(): number {
    const value = this.varint() >>> 0;
    return (value >>> 1) ^ -(value & 1);
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  sfixed64(): bigint {
    return this.#bytes.readBigInt64LE(this.#take(8));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  text(): string {
    const length = this.varint();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  hex(): string {
    const length = this.varint();
    const start = this.#take(length);
    return this.#bytes.toString('hex', start, start + length);
  }

  /** Narrows the bounds to the message that begins here; returns the bounds to set again after it. */
  enter(): number {
    const outer = this.end;
    const length = this.varint();
    const start = this.#take(length);
    this.at = start;
    this.end = start + length;
    return outer;
  }

  skip(wire: number): void {
    if (wire === wires.varint) this.varint();
    else if (wire === wires.fixed64) this.#take(8);
    else if (wire === wires.bytes) this.#take(this.varint());
    else if (wire === wires.fixed32) this.#take(4);
    else throw new Malformed(`it has a field of the unknown wire type ${wire}`);
  }

  #take(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw new Malformed('it ends within a field');
    this.at = start + length;
    return start;
  }
}
