/**
 * Decodes OTLP's JSON by the tables of `schema.ts`: ids in hexadecimal, 64-bit numbers as text, enumerations as numbers.
 * Source: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding".
 */
import { Malformed, type Message, type Scalars, type Shape } from './otlp-schema.ts';

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

type Target = Record<string, unknown>;

interface Slot {
  readonly many: boolean;
  readonly read: (value: unknown, name: string) => unknown;
}

interface Plan {
  readonly slots: ReadonlyMap<string, Slot>;
  readonly empty: Readonly<Target>;
}

const none: readonly unknown[] = Object.freeze([]);

/** Makes a decoder of a message's table; throws `Malformed` on text that is none. */
export function jsonDecoder<M extends Message>(message: M): (bytes: Buffer) => Shape<M> {
  const plan = planOf(message);
  return (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch {
      throw new Malformed('it is no JSON');
    }
    return decode(value, plan, 'it') as Shape<M>;
  };
}

function planOf(message: Message): Plan {
  const slots = new Map<string, Slot>();
  const empty: Target = {};
  for (const [name, [, type, many]] of Object.entries(message)) {
    slots.set(name, { many: many !== undefined, read: typeof type === 'string' ? scalars[type] : nested(type) });
    empty[name] = many ? none : undefined;
  }
  return { slots, empty };
}

function nested(message: Message): Slot['read'] {
  const plan = planOf(message);
  return (value, name) => decode(value, plan, name);
}

function decode(value: unknown, { slots, empty }: Plan, what: string): Target {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return reject(what, 'an object');
  const told = value as Readonly<Target>;
  const target: Target = { ...empty };
  for (const name of Object.keys(told)) {
    const slot = slots.get(name);
    const one = told[name];
    if (!slot || one === null) continue;
    if (!slot.many) target[name] = slot.read(one, name);
    else if (Array.isArray(one)) target[name] = one.map((entry: unknown) => slot.read(entry, name));
    else reject(name, 'a list');
  }
  return target;
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
