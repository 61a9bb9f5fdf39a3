/**
 * Decodes OTLP's JSON by the tables of `schema.ts`: ids in hexadecimal, 64-bit numbers as text, enumerations as numbers.
 * Source: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding".
 */
import { type Field, Malformed, type Message, type Scalars, type Shape } from './schema.ts';

const scalars: { readonly [T in keyof Scalars]: (value: unknown, name: string) => Scalars[T] } = {
  text: (value, name) => (typeof value === 'string' ? value : reject(name, 'text')),
  id: (value, name) =>
    typeof value === 'string' && /^([\da-f]{2})*$/i.test(value) ? value.toLowerCase() : reject(name, 'hexadecimal'),
  time: nanoseconds,
  double,
  fixed64: whole,
  sfixed64: whole,
  int64: whole,
  uint64: whole,
  uint32: whole,
  sint32: whole,
  bool: (value, name) => (typeof value === 'boolean' ? value : reject(name, 'true or false')),
};

/** Makes a decoder of a message's table; throws `Malformed` on text that is none. */
export function jsonDecoder<M extends Message>(message: M): (bytes: Buffer) => Shape<M> {
  return (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch {
      throw new Malformed('it is no JSON');
    }
    return decode(value, message, 'it') as Shape<M>;
  };
}

function decode(value: unknown, message: Message, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return reject(name, 'an object');
  const told = value as Readonly<Record<string, unknown>>;
  const target: Record<string, unknown> = {};
  for (const [field, [, type, many]] of Object.entries(message)) {
    const one = Object.hasOwn(told, field) ? (told[field] ?? undefined) : undefined;
    target[field] = many ? list(one, type, field) : one === undefined ? undefined : single(one, type, field);
  }
  return target;
}

function list(value: unknown, type: Field[1], name: string): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map((one: unknown) => single(one, type, name)) : reject(name, 'a list');
}

function single(value: unknown, type: Field[1], name: string): unknown {
  return typeof type === 'string' ? scalars[type](value, name) : decode(value, type, name);
}

function nanoseconds(value: unknown, name: string): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt.asUintN(64, BigInt(value));
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt.asUintN(64, BigInt(value));
  return reject(name, 'nanoseconds since 1970');
}

function whole(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return Number(value);
  return reject(name, 'a whole number');
}

function double(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  return reject(name, 'a number');
}

function reject(name: string, wanted: string): never {
  throw new Malformed(`“${name}” is not ${wanted}`);
}
