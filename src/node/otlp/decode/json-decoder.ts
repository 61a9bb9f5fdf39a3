/**
 * Decodes OTLP's JSON encoding by the tables in `otlp-schema.ts`: ids are hexadecimal, 64-bit integers are strings and
 * enum values are numbers.
 * Source: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding".
 */
import { type Decoded, enums, MalformedError, type MessageSchema, maxMessages, type Scalars } from './otlp-schema.ts';

const scalars: { readonly [T in keyof Scalars]: (value: unknown, name: string) => Scalars[T] } = {
  text: (value, name) => (typeof value === 'string' ? value : reject(name, 'text')),
  id: (value, name) =>
    typeof value === 'string' && /^([\da-f]{2})*$/i.test(value) ? value.toLowerCase() : reject(name, 'hexadecimal'),
  time: readNanoseconds,
  double: readDouble,
  fixed64: readWholeNumber,
  sfixed64: readWholeNumber,
  int64: readWholeNumber,
  uint64: readWholeNumber,
  uint32: readWholeNumber,
  sint32: readWholeNumber,
  bool: (value, name) => (typeof value === 'boolean' ? value : reject(name, 'true or false')),
  temporality: (value, name) => readEnum(enums.temporality, value, name),
  statusCode: (value, name) => readEnum(enums.statusCode, value, name),
  spanKind: (value, name) => readEnum(enums.spanKind, value, name),
};

type MessageObject = Record<string, unknown>;

interface FieldReader {
  readonly isRepeated: boolean;
  readonly read: (value: unknown, name: string, budget: MessageBudget) => unknown;
}

/** Number of messages decoded so far. */
interface MessageBudget {
  messages: number;
}

interface DecodePlan {
  readonly fields: ReadonlyMap<string, FieldReader>;
  readonly empty: Readonly<MessageObject>;
}

const emptyList: readonly unknown[] = Object.freeze([]);

/** Creates a decoder from the schema of a message. The decoder throws a MalformedError on invalid text. */
export function createJsonDecoder<M extends MessageSchema>(message: M): (bytes: Buffer) => Decoded<M> {
  const plan = createPlan(message);
  return (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch {
      throw new MalformedError('it is not valid JSON');
    }
    return decode(value, plan, 'it', { messages: 0 }) as Decoded<M>;
  };
}

function createPlan(message: MessageSchema): DecodePlan {
  const fields = new Map<string, FieldReader>();
  const empty: MessageObject = {};
  for (const [name, [, type, repeated]] of Object.entries(message)) {
    fields.set(name, {
      isRepeated: repeated !== undefined,
      read: typeof type === 'string' ? scalars[type] : nestedReader(type),
    });
    empty[name] = repeated ? emptyList : undefined;
  }
  return { fields, empty };
}

function nestedReader(message: MessageSchema): FieldReader['read'] {
  const plan = createPlan(message);
  return (value, name, budget) => decode(value, plan, name, budget);
}

function decode(value: unknown, { fields, empty }: DecodePlan, what: string, budget: MessageBudget): MessageObject {
  if (++budget.messages > maxMessages) throw new MalformedError(`it has more than ${maxMessages} messages`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return reject(what, 'an object');
  const source = value as Readonly<MessageObject>;
  const target: MessageObject = { ...empty };
  for (const name of Object.keys(source)) {
    const field = fields.get(name);
    const fieldValue = source[name];
    if (!field || fieldValue === null) continue;
    if (!field.isRepeated) target[name] = field.read(fieldValue, name, budget);
    else if (Array.isArray(fieldValue))
      target[name] = fieldValue.map((entry: unknown) => field.read(entry, name, budget));
    else reject(name, 'a list');
  }
  return target;
}

function readNanoseconds(value: unknown, name: string): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt.asUintN(64, BigInt(value));
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt.asUintN(64, BigInt(value));
  return reject(name, 'nanoseconds since 1970');
}

function readWholeNumber(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return Number(value);
  return reject(name, 'a whole number');
}

function readEnum(values: Readonly<Record<string, number>>, value: unknown, name: string): number {
  const named = typeof value === 'string' && Object.hasOwn(values, value) ? values[value] : undefined;
  return named ?? readWholeNumber(value, name);
}

function readDouble(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  return reject(name, 'a number');
}

function reject(name: string, expected: string): never {
  throw new MalformedError(`“${name}” is not ${expected}`);
}
