import { strict as assert } from 'node:assert';
import { isSpanContextValid } from '@opentelemetry/api';
import fc from 'fast-check';
import { environmentOf, readTraceparent, spanOfRun } from '../../../src/node/run/trace-context.ts';

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace', () => {
  it('starts a valid trace of its own', () => {
    const [one, two] = [spanOfRun({}), spanOfRun({})];
    assert.ok(isSpanContextValid(one) && one.traceId !== two.traceId);
  });

  it('joins the trace that started it, with a span of its own', () => {
    const span = spanOfRun({ TRACEPARENT: given });
    assert.equal(span.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.notEqual(span.spanId, 'b7ad6b7169203331');
  });

  it('hands on what it reads', () => {
    const span = spanOfRun({ TRACEPARENT: given });
    const env = environmentOf(span, { TRACESTATE: 'a=b' });
    assert.deepEqual({ ...readTraceparent(env['TRACEPARENT']), isRemote: undefined }, { ...span, isRemote: undefined });
    assert.equal(env['TRACESTATE'], 'a=b');
  });

  const wrong = [
    '',
    'x',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    given.replace('00-', 'ff-'),
    `${given}0`,
    given.toUpperCase(),
  ];
  for (const text of wrong) {
    it(`does not believe “${text}”`, () => {
      assert.equal(readTraceparent(text), undefined);
    });
  }

  it('believes a later version by the fields it knows', () => {
    assert.ok(readTraceparent(`${given.replace('00-', '01-')}-more`));
  });

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => readTraceparent(text) === undefined || text.length >= 55));
  });
});
