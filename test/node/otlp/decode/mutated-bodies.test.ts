import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { decodeMetrics, decodeTraces, type Encoding } from '../../../../src/node/otlp/decode/decode.ts';
import { MalformedError } from '../../../../src/node/otlp/decode/otlp-schema.ts';
import { Translator } from '../../../../src/node/otlp/translate/translator.ts';
import { isBatch } from '../../../../src/protocol/batch/batch.ts';
import { encodeMetrics, encodeTraces, richMetrics, richSpans } from '../sender.ts';

const encodings: readonly Encoding[] = ['json', 'protobuf'];
const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe('mutated OTLP bodies', function () {
  this.timeout(120_000);
  const runs = 5000;

  /** Mutations of a body: changed, inserted, removed and repeated bytes, and truncation. */
  const edits = fc.array(
    fc.record({
      position: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('change', 'insert', 'remove', 'repeat', 'cut'),
      byte: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

  function mutate(body: Buffer, changes: Edits): Buffer {
    let mutated = body;
    for (const { position, kind, byte, length } of changes) {
      const start = Math.floor(position * mutated.length);
      const [head, tail] = [mutated.subarray(0, start), mutated.subarray(start)];
      if (kind === 'cut') mutated = head;
      else if (kind === 'insert') mutated = Buffer.concat([head, bytes(byte), tail]);
      else if (kind === 'change') mutated = Buffer.concat([head, bytes(byte), tail.subarray(1)]);
      else if (kind === 'remove') mutated = Buffer.concat([head, tail.subarray(length)]);
      else mutated = Buffer.concat([head, tail.subarray(0, length), tail]);
    }
    return mutated;
  }

  async function bodies(): Promise<
    readonly [string, Encoding, Buffer, (body: Buffer, translator: Translator) => void][]
  > {
    const [spans, exported] = [richSpans(), await richMetrics()];
    return encodings.flatMap((encoding) => [
      [
        'spans',
        encoding,
        encodeTraces(spans, encoding),
        (body: Buffer, translator: Translator) =>
          check(translator.translateTraces(decodeTraces[encoding](body), 1.7e12, () => 1)),
      ],
      [
        'metrics',
        encoding,
        encodeMetrics(exported, encoding),
        (body: Buffer, translator: Translator) =>
          check(translator.translateMetrics(decodeMetrics[encoding](body), 1.7e12, () => 1)),
      ],
    ]);
  }

  function check({ batches }: ReturnType<Translator['translateTraces']>): void {
    for (const batch of batches) assert.ok(isBatch(JSON.parse(JSON.stringify(batch))), JSON.stringify(batch));
  }

  it(`are rejected with a message or decoded to valid batches: ${4 * runs} mutations`, async () => {
    const results = { decoded: 0, rejected: 0 };
    for (const [, , body, ingest] of await bodies()) {
      const translator = new Translator();
      ingest(body, translator);
      fc.assert(
        fc.property(edits, (changes) => {
          try {
            ingest(mutate(body, changes), translator);
            results.decoded++;
          } catch (error) {
            assert.ok(error instanceof MalformedError, `${error}`);
            assert.match(error.message, /\w/);
            results.rejected++;
          }
        }),
        { numRuns: runs },
      );
    }
    assert.equal(results.decoded + results.rejected, 4 * runs);
    assert.ok(results.decoded > 500 && results.rejected > 500, JSON.stringify(results));
  });

  it('are decoded or rejected if any value in the JSON is replaced', async () => {
    let changed = 0;
    for (const [, encoding, body, ingest] of await bodies()) {
      if (encoding !== 'json') continue;
      const paths = pathsIn(JSON.parse(body.toString()) as unknown);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: paths.length - 1 }), unusualValue, (index, value) => {
          const copy = JSON.parse(body.toString()) as unknown;
          replace(copy, paths[index] ?? [], value);
          changed++;
          try {
            ingest(Buffer.from(JSON.stringify(copy)), new Translator());
          } catch (error) {
            assert.ok(error instanceof MalformedError, `${error}`);
          }
        }),
        { numRuns: 2000 },
      );
    }
    assert.equal(changed, 4000);
  });

  const unusualValue = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'NaN',
      '-Infinity',
      '18446744073709551616',
      '9'.repeat(20),
      -1,
      1e300,
      2 ** 53,
      1e-320,
      'x'.repeat(5000),
    ),
  );

  function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
    if (typeof value !== 'object' || value === null) return [path];
    return [path, ...Object.entries(value).flatMap(([key, entry]) => pathsIn(entry, [...path, key]))].filter(
      (entryPath) => entryPath.length > 0,
    );
  }

  function replace(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): void {
    if (key === undefined) return;
    const target = value as Record<string, unknown>;
    if (rest.length === 0) target[key] = replacement;
    else replace(target[key], rest, replacement);
  }
});
