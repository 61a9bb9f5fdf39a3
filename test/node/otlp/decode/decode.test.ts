import { strict as assert } from 'node:assert';
import { decodeMetrics, decodeTraces, type Encoding } from '../../../../src/node/otlp/decode/decode.ts';
import { createJsonDecoder } from '../../../../src/node/otlp/decode/json-decoder.ts';
import { MalformedError, type MessageSchema } from '../../../../src/node/otlp/decode/otlp-schema.ts';
import { createProtobufDecoder } from '../../../../src/node/otlp/decode/protobuf-decoder.ts';
import { encodeMetrics, encodeTraces, richMetrics, richSpans, startNs } from '../sender.ts';

const encodings: readonly Encoding[] = ['json', 'protobuf'];
const bytes = (...values: number[]): Buffer => Buffer.from(values);

function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => Boolean(entry));
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutZeros(entry)]));
}

describe('OTLP decoders', () => {
  it('decode both encodings to the spans that were sent', () => {
    const spans = richSpans();
    const [json, protobuf] = encodings.map((encoding) => decodeTraces[encoding](encodeTraces(spans, encoding)));
    assert.deepEqual(json, protobuf);
    const [resourceSpans] = protobuf?.resourceSpans ?? [];
    assert.equal(resourceSpans?.scopeSpans[0]?.scope?.name, 'shop-lib');
    const decoded = resourceSpans?.scopeSpans[0]?.spans ?? [];
    assert.deepEqual(
      decoded.map(({ name, startTimeUnixNano, endTimeUnixNano }) => [name, startTimeUnixNano, endTimeUnixNano]),
      [
        ['plain', startNs, startNs + 1n],
        ['täglich ☕ 𝒳', startNs + 5n, startNs + 3_000_000_006n],
        ['failing', startNs + 7n, startNs + 2_007n],
      ],
    );
    assert.deepEqual(
      decoded.map(({ traceId, spanId }) => [traceId, spanId]),
      spans.map((span) => [span.spanContext().traceId, span.spanContext().spanId]),
    );
    const values = Object.fromEntries(
      decoded[1]?.attributes.map(({ key, value = {} }) => [
        key,
        Object.values(value).find((scalar) => scalar !== undefined),
      ]) ?? [],
    );
    assert.deepEqual(values, { ...spans[1]?.attributes, list: undefined, numbers: undefined });
    assert.deepEqual(decoded[2]?.status, { code: 2, message: 'buffer overflow' });
    assert.deepEqual(
      decoded[2]?.events.map(({ name }) => name),
      ['note', 'exception'],
    );
  });

  it('decode both encodings to the metrics that were sent', async () => {
    const exported = await richMetrics();
    const [json, protobuf] = encodings.map((encoding) => decodeMetrics[encoding](encodeMetrics(exported, encoding)));
    // Protobuf omits zeros, whereas JSON contains them.
    assert.deepEqual(withoutZeros(json), withoutZeros(protobuf));
    const decoded = protobuf?.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
    const findMetric = (name: string) => decoded.find((metric) => metric.name === name);
    assert.deepEqual(decoded.map(({ name }) => name).sort(), [
      'bounded',
      'bytes',
      'exponential',
      'load',
      'orders',
      'queue',
    ]);
    assert.equal(findMetric('orders')?.sum?.dataPoints[0]?.asInt, 7);
    assert.equal(findMetric('orders')?.sum?.isMonotonic, true);
    assert.equal(findMetric('queue')?.sum?.dataPoints[0]?.asInt, -3);
    assert.equal(findMetric('load')?.gauge?.dataPoints[0]?.asDouble, 12.5);
    const point = findMetric('bounded')?.histogram?.dataPoints[0];
    assert.deepEqual([point?.count, point?.sum, point?.min, point?.max], [6, 40_027.5, 0, 40_000]);
    assert.equal(
      point?.bucketCounts.reduce((sum, count) => sum + count, 0),
      6,
    );
    const exponential = findMetric('exponential')?.exponentialHistogram?.dataPoints[0];
    assert.deepEqual([exponential?.count, exponential?.zeroCount], [6, 1]);
    assert.ok((exponential?.positive?.bucketCounts.length ?? 0) > 3);
  });

  const scalars = {
    a: [1, 'uint64', 'repeated'],
    b: [2, 'int64'],
    c: [3, 'sint32'],
    d: [4, 'text'],
    e: [5, { a: [1, 'bool'] }],
  } as const satisfies MessageSchema;
  const decode = createProtobufDecoder(scalars);
  const empty = { a: [], b: undefined, c: undefined, d: undefined, e: undefined };
  const valid: readonly [string, Buffer, object][] = [
    ['an empty body', bytes(), empty],
    ['unpacked numbers', bytes(8, 1, 8, 0x96, 1), { ...empty, a: [1, 150] }],
    ['packed numbers', bytes(10, 3, 1, 0x96, 1), { ...empty, a: [1, 150] }],
    ['minus one', bytes(16, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1), { ...empty, b: -1 }],
    ['a zigzag number', bytes(24, 3), { ...empty, c: -2 }],
    [
      'unknown fields of every wire type',
      bytes(0x78, 1, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a, 1, 9, 0x7d, 1, 2, 3, 4),
      empty,
    ],
    ['a field with an unexpected wire type', bytes(0x25, 1, 2, 3, 4), empty],
    ['the last value of a duplicate field', bytes(0x22, 1, 65, 0x22, 1, 66), { ...empty, d: 'B' }],
    ['a nested message', bytes(0x2a, 2, 8, 1), { ...empty, e: { a: true } }],
  ];
  for (const [what, body, value] of valid) {
    it(`decode ${what}`, () => assert.deepEqual(decode(body), value));
  }

  const broken: readonly [string, Buffer][] = [
    ['a number without an end', bytes(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)],
    ['a body that ends within a number', bytes(8, 128)],
    ['a string longer than the body', bytes(0x22, 5, 65)],
    ['a length near 2^63', bytes(0x22, 255, 255, 255, 255, 255, 255, 255, 255, 127)],
    ['a number that exceeds its message', bytes(0x2a, 2, 8, 128, 1)],
    ['a number that exceeds its packed field', bytes(10, 1, 128, 1)],
    ['an unknown field longer than the body', bytes(0x7a, 9, 1)],
    ['a truncated fixed-size number', bytes(0x79, 1, 2)],
    ['a group', bytes(0x7b, 0x7c)],
    ['a field without a number', bytes(0, 0)],
  ];
  for (const [what, body] of broken) {
    it(`reject ${what}`, () => assert.throws(() => decode(body), MalformedError));
  }

  it('reject a body with too many messages', () => {
    const span = bytes(0x12, 0);
    const spans = Buffer.concat(Array.from({ length: 1_100_000 }, () => span));
    const length = (size: number): number[] => (size < 128 ? [size] : [(size % 128) + 128, ...length(size >> 7)]);
    const scope = Buffer.concat([bytes(0x12, ...length(spans.length)), spans]);
    assert.throws(
      () => decodeTraces.protobuf(Buffer.concat([bytes(10, ...length(scope.length)), scope])),
      /more than 1000000 messages/,
    );
  });

  const json = createJsonDecoder(scalars);
  const validJson: readonly [string, string, object][] = [
    ['numbers as strings', '{"a":["1",150],"b":"-1","c":-2}', { ...empty, a: [1, 150], b: -1, c: -2 }],
    ['null as a missing field', '{"a":null,"d":null,"e":null}', empty],
    ['unknown fields', '{"x":{"y":[1]},"d":"B"}', { ...empty, d: 'B' }],
    ['names of inherited properties', '{"__proto__":{"d":"x"},"constructor":1}', empty],
  ];
  for (const [what, body, value] of validJson) {
    it(`decode JSON with ${what}`, () => assert.deepEqual(json(Buffer.from(body)), value));
  }
  for (const body of [
    '',
    '[]',
    'null',
    '1',
    '{',
    '{"d":1}',
    '{"a":1}',
    '{"b":1.5}',
    '{"b":"x"}',
    '{"e":[]}',
    '\ufeff{}',
  ]) {
    it(`reject the JSON ${JSON.stringify(body)}`, () => assert.throws(() => json(Buffer.from(body)), MalformedError));
  }
  it('reject invalid times and ids', () => {
    const span = (fields: string) => Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`);
    assert.doesNotThrow(() => decodeTraces.json(span('"traceId":"AB","startTimeUnixNano":"18446744073709551615"')));
    for (const fields of ['"traceId":"q0"', '"traceId":"abc"', '"startTimeUnixNano":"-1"', '"endTimeUnixNano":1.5']) {
      assert.throws(() => decodeTraces.json(span(fields)), MalformedError);
    }
  });
});
