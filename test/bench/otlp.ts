/** Measures how many OpenTelemetry spans per second the host can decode and translate, for both encodings. */
import { decodeTraces, type Encoding } from '../../src/node/otlp/decode/decode.ts';
import { Translator } from '../../src/node/otlp/translate/translator.ts';
import { encodeTraces, recordSpans } from '../node/otlp/sender.ts';
import { type Figure, goal, medianOf } from './figure.ts';

/** Maximum batch size of the SDK by default. */
const spansPerBody = 512;
const rounds = 101;
/** More than the SDK of one program can send. A busy server sends a few thousand. */
const minPerSecond = 20_000;

export function otlp(): Figure[] {
  const attributes = {
    'code.function.name': 'Shop.order',
    'code.file.path': '/home/user/shop/src/order.ts',
    'code.line.number': 42,
    'http.request.method': 'GET',
    'cache.hit': true,
  };
  const spans = recordSpans(
    Array.from({ length: spansPerBody }, (_, index) => [
      `operation ${index % 20}`,
      BigInt(index * 1000),
      BigInt(index * 7919),
      (span) => span.setAttributes(attributes),
    ]),
  );
  const bodies = (['json', 'protobuf'] as const).map((encoding) => ({ encoding, body: encodeTraces(spans, encoding) }));
  const times = new Map<Encoding, number[]>(bodies.map(({ encoding }) => [encoding, []]));
  const translator = new Translator();
  for (let round = 0; round < rounds; round++) {
    for (const { encoding, body } of round % 2 === 0 ? bodies : bodies.toReversed()) {
      const startNs = performance.now() * 1e6;
      const { batches } = translator.translateTraces(decodeTraces[encoding](body), Date.now(), () => 0);
      const durationNs = performance.now() * 1e6 - startNs;
      if (batches.length !== 1) throw new Error('expected one batch for each body');
      // The first half warms up.
      if (round > rounds / 2) times.get(encoding)?.push(durationNs);
    }
  }
  return bodies.map(({ encoding, body }) => {
    const perSecond = (spansPerBody * 1e9) / medianOf(times.get(encoding) ?? []);
    const how = `median of ${Math.floor(rounds / 2)} bodies of ${spansPerBody} spans, ${body.length} bytes each`;
    return {
      name: `OpenTelemetry spans ingested, ${encoding}`,
      value: perSecond,
      unit: 'spans/s',
      ...goal('≥', minPerSecond, perSecond),
      how,
    };
  });
}
