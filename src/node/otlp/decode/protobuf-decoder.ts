/** Decodes OTLP's protobuf encoding by the tables in `otlp-schema.ts`. */
import { type Decoded, MalformedError, type MessageSchema, maxMessages, type Scalars } from './otlp-schema.ts';
import { ProtobufReader, wireTypes } from './protobuf-reader.ts';

type MessageObject = Record<string, unknown>;

interface FieldReader {
  readonly name: string;
  readonly wireType: number;
  readonly isRepeated: boolean;
  readonly read: (reader: ProtobufReader, budget: Budget) => unknown;
}

interface DecodePlan {
  /** Indexed by field number. */
  readonly fields: readonly (FieldReader | undefined)[];
  readonly empty: Readonly<MessageObject>;
}

interface Budget {
  messages: number;
}

const scalars: {
  readonly [T in keyof Scalars]: { readonly wireType: number; read(reader: ProtobufReader): Scalars[T] };
} = {
  text: { wireType: wireTypes.bytes, read: (reader) => reader.text() },
  id: { wireType: wireTypes.bytes, read: (reader) => reader.hex() },
  time: { wireType: wireTypes.fixed64, read: (reader) => reader.fixed64() },
  double: { wireType: wireTypes.fixed64, read: (reader) => reader.double() },
  fixed64: { wireType: wireTypes.fixed64, read: (reader) => Number(reader.fixed64()) },
  sfixed64: { wireType: wireTypes.fixed64, read: (reader) => Number(reader.sfixed64()) },
  int64: { wireType: wireTypes.varint, read: (reader) => reader.int64() },
  uint64: { wireType: wireTypes.varint, read: (reader) => reader.varint() },
  uint32: { wireType: wireTypes.varint, read: (reader) => reader.varint() >>> 0 },
  sint32: { wireType: wireTypes.varint, read: (reader) => reader.sint32() },
  bool: { wireType: wireTypes.varint, read: (reader) => reader.varint() !== 0 },
  temporality: { wireType: wireTypes.varint, read: (reader) => reader.varint() },
  statusCode: { wireType: wireTypes.varint, read: (reader) => reader.varint() },
  spanKind: { wireType: wireTypes.varint, read: (reader) => reader.varint() },
};

const emptyList: readonly unknown[] = Object.freeze([]);

/** Creates a decoder from the schema of a message. The decoder throws a MalformedError on invalid bytes. */
export function createProtobufDecoder<M extends MessageSchema>(message: M): (bytes: Buffer) => Decoded<M> {
  const plan = createPlan(message);
  return (bytes) => decode(new ProtobufReader(bytes), plan, { messages: 0 }) as Decoded<M>;
}

function createPlan(message: MessageSchema): DecodePlan {
  const fields: FieldReader[] = [];
  const empty: MessageObject = {};
  for (const [name, [fieldNumber, type, repeated]] of Object.entries(message)) {
    fields[fieldNumber] = {
      name,
      isRepeated: repeated !== undefined,
      ...(typeof type === 'string' ? scalars[type] : nestedReader(type)),
    };
    empty[name] = repeated ? emptyList : undefined;
  }
  return { fields, empty };
}

function nestedReader(message: MessageSchema): Pick<FieldReader, 'wireType' | 'read'> {
  const plan = createPlan(message);
  return {
    wireType: wireTypes.bytes,
    read: (reader, budget) => {
      const outerEnd = reader.enter();
      const target = decode(reader, plan, budget);
      reader.end = outerEnd;
      return target;
    },
  };
}

function decode(reader: ProtobufReader, { fields, empty }: DecodePlan, budget: Budget): MessageObject {
  if (++budget.messages > maxMessages) throw new MalformedError(`it has more than ${maxMessages} messages`);
  const target: MessageObject = { ...empty };
  while (reader.offset < reader.end) {
    const tag = reader.varint();
    if (tag < 8) throw new MalformedError('it has a field without a number');
    const wireType = tag % 8;
    const field = fields[Math.floor(tag / 8)];
    if (field?.wireType === wireType) {
      const value = field.read(reader, budget);
      if (field.isRepeated) listOf(target, field.name).push(value);
      else target[field.name] = value;
    } else if (field?.isRepeated && wireType === wireTypes.bytes) {
      // A packed field: repeated numbers without tags.
      const outerEnd = reader.enter();
      const list = listOf(target, field.name);
      while (reader.offset < reader.end) list.push(field.read(reader, budget));
      reader.end = outerEnd;
    } else {
      reader.skip(wireType);
    }
  }
  return target;
}

/** Returns the list of a repeated field. Creates it for the first value. */
function listOf(target: MessageObject, name: string): unknown[] {
  const existing = target[name];
  if (existing !== emptyList) return existing as unknown[];
  const list: unknown[] = [];
  target[name] = list;
  return list;
}
