import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { decodeMetrics, decodeTraces, type Encoding } from '../../../../src/node/otlp/decode/decode.ts';
import { Malformed } from '../../../../src/node/otlp/decode/otlp-schema.ts';
import { Translator } from '../../../../src/node/otlp/translate/translator.ts';
import { isBatch } from '../../../../src/protocol/batch.ts';
import { metricsBody, richMetrics, richSpans, traceBody } from '../sender.ts';

const encodings: readonly Encoding[] = ['json', 'protobuf'];
const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe('OTLP bodies with faults', function () {
  this.timeout(120_000);
  const runs = 5000;

  /** Cuts, changed bytes, inserted bytes and repeated stretches: what a mutation does to a body. */
  const edits = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('change', 'insert', 'remove', 'repeat', 'cut'),
      byte: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

  function mutate(body: Buffer, changes: Edits): Buffer {
    let mutated = body;
    for (const { at, kind, byte, length } of changes) {
      const start = Math.floor(at * mutated.length);
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
        traceBody(spans, encoding),
        (body: Buffer, translator: Translator) =>
          check(translator.traces(decodeTraces[encoding](body), 1.7e12, () => 1)),
      ],
      [
        'metrics',
        encoding,
        metricsBody(exported, encoding),
        (body: Buffer, translator: Translator) =>
          check(translator.metrics(decodeMetrics[encoding](body), 1.7e12, () => 1)),
      ],
    ]);
  }

  function check({ batches }: ReturnType<Translator['traces']>): void {
    for (const batch of batches) assert.ok(isBatch(JSON.parse(JSON.stringify(batch))), JSON.stringify(batch));
  }

  it(`are refused in a sentence or read into batches that pass the guard: ${4 * runs} mutations`, async () => {
    const seen = { read: 0, refused: 0 };
    for (const [, , body, take] of await bodies()) {
      const translator = new Translator();
      take(body, translator);
      fc.assert(
        fc.property(edits, (changes) => {
          try {
            take(mutate(body, changes), translator);
            seen.read++;
          } catch (error) {
            assert.ok(error instanceof Malformed, `${error}`);
            assert.match(error.message, /\w/);
            seen.refused++;
          }
        }),
        { numRuns: runs },
      );
    }
    assert.equal(seen.read + seen.refused, 4 * runs);
    assert.ok(seen.read > 500 && seen.refused > 500, JSON.stringify(seen));
  });

  it('are read or refused wherever another value stands in the JSON', async () => {
    let changed = 0;
    for (const [, encoding, body, take] of await bodies()) {
      if (encoding !== 'json') continue;
      const paths = pathsIn(JSON.parse(body.toString()) as unknown);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: paths.length - 1 }), strange, (at, value) => {
          const copy = JSON.parse(body.toString()) as unknown;
          replace(copy, paths[at] ?? [], value);
          changed++;
          try {
            take(Buffer.from(JSON.stringify(copy)), new Translator());
          } catch (error) {
            assert.ok(error instanceof Malformed, `${error}`);
          }
        }),
        { numRuns: 2000 },
      );
    }
    assert.equal(changed, 4000);
  });

  const strange = fc.oneof(
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
    return [path, ...Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...path, key]))].filter(
      (one) => one.length > 0,
    );
  }

  function replace(value: unknown, [key, ...rest]: readonly string[], other: unknown): void {
    if (key === undefined) return;
    const target = value as Record<string, unknown>;
    if (rest.length === 0) target[key] = other;
    else replace(target[key], rest, other);
  }
});
