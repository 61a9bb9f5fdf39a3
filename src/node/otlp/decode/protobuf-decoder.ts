/** Decodes protobuf by the tables of `schema.ts`. */
import { Malformed, type Message, type Scalars, type Shape } from './otlp-schema.ts';
import { Reader, wires } from './protobuf-reader.ts';

/** Messages in one body: as many as a body of real ones can hold, and far fewer than one of empty ones could. */
const mostMessages = 1_000_000;

type Target = Record<string, unknown>;

interface Slot {
  readonly name: string;
  readonly wire: number;
  readonly many: boolean;
  readonly read: (reader: Reader, budget: Budget) => unknown;
}

interface Plan {
  /** By field number. */
  readonly slots: readonly (Slot | undefined)[];
  readonly empty: Readonly<Target>;
}

interface Budget {
  messages: number;
}

const scalars: { readonly [T in keyof Scalars]: { readonly wire: number; read(reader: Reader): Scalars[T] } } = {
  text: { wire: wires.bytes, read: (reader) => reader.text() },
  id: { wire: wires.bytes, read: (reader) => reader.hex() },
  time: { wire: wires.fixed64, read: (reader) => reader.fixed64() },
  double: { wire: wires.fixed64, read: (reader) => reader.double() },
  fixed64: { wire: wires.fixed64, read: (reader) => Number(reader.fixed64()) },
  sfixed64: { wire: wires.fixed64, read: (reader) => Number(reader.sfixed64()) },
  int64: { wire: wires.varint, read: (reader) => reader.int64() },
  uint64: { wire: wires.varint, read: (reader) => reader.varint() },
  uint32: { wire: wires.varint, read: (reader) => reader.varint() >>> 0 },
  sint32: { wire: wires.varint, read: (reader) => reader.sint32() },
  bool: { wire: wires.varint, read: (reader) => reader.varint() !== 0 },
};

const none: readonly unknown[] = Object.freeze([]);

/** Makes a decoder of a message's table; throws `Malformed` on bytes that are none. */
export function protobufDecoder<M extends Message>(message: M): (bytes: Buffer) => Shape<M> {
  const plan = planOf(message);
  return (bytes) => decode(new Reader(bytes), plan, { messages: 0 }) as Shape<M>;
}

function planOf(message: Message): Plan {
  const slots: Slot[] = [];
  const empty: Target = {};
  for (const [name, [at, type, many]] of Object.entries(message)) {
    slots[at] = { name, many: many !== undefined, ...(typeof type === 'string' ? scalars[type] : nested(type)) };
    empty[name] = many ? none : undefined;
  }
  return { slots, empty };
}

function nested(message: Message): Pick<Slot, 'wire' | 'read'> {
  const plan = planOf(message);
  return {
    wire: wires.bytes,
    read: (reader, budget) => {
      const outer = reader.enter();
      const target = decode(reader, plan, budget);
      reader.end = outer;
      return target;
    },
  };
}

function decode(reader: Reader, { slots, empty }: Plan, budget: Budget): Target {
  if (++budget.messages > mostMessages) throw new Malformed(`it has more than ${mostMessages} parts`);
  const target: Target = { ...empty };
  while (reader.at < reader.end) {
    const tag = reader.varint();
    if (tag < 8) throw new Malformed('it has a field without a number');
    const wire = tag % 8;
    const slot = slots[Math.floor(tag / 8)];
    if (slot?.wire === wire) {
      const value = slot.read(reader, budget);
      if (slot.many) listIn(target, slot.name).push(value);
      else target[slot.name] = value;
    } else if (slot?.many && wire === wires.bytes) {
      // Numbers in a row are packed into one field.
      const outer = reader.enter();
      const list = listIn(target, slot.name);
      while (reader.at < reader.end) list.push(slot.read(reader, budget));
      reader.end = outer;
    } else {
      reader.skip(wire);
    }
  }
  return target;
}

function listIn(target: Target, name: string): unknown[] {
  const known = target[name];
  if (known !== none) return known as unknown[];
  const list: unknown[] = [];
  target[name] = list;
  return list;
}
