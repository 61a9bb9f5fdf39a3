import { strict as assert } from 'node:assert';
import { isSpanContextValid } from '@opentelemetry/api';
import fc from 'fast-check';
import { createRunSpan, parseTraceparent, traceEnvironment } from '../../../src/node/run/trace-context.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context', () => {
  it('starts a new valid trace if there is no parent', () => {
    const [first, second] = [createRunSpan({}), createRunSpan({})];
    assert.ok(isSpanContextValid(first) && first.traceId !== second.traceId);
  });

  it('joins the trace of its parent with a new span', () => {
    const span = createRunSpan({ TRACEPARENT: traceparent });
    assert.equal(span.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.notEqual(span.spanId, 'b7ad6b7169203331');
  });

  it('passes the span and the trace state on to child processes', () => {
    const span = createRunSpan({ TRACEPARENT: traceparent });
    const env = traceEnvironment(span, { TRACESTATE: 'a=b' });
    assert.deepEqual(
      { ...parseTraceparent(env['TRACEPARENT']), isRemote: undefined },
      { ...span, isRemote: undefined },
    );
    assert.equal(env['TRACESTATE'], 'a=b');
  });

  const invalidValues = [
    '',
    'x',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    traceparent.replace('00-', 'ff-'),
    `${traceparent}0`,
    traceparent.toUpperCase(),
  ];
  for (const text of invalidValues) {
    it(`rejects “${text}”`, () => {
      assert.equal(parseTraceparent(text), undefined);
    });
  }

  it('reads the known fields of a later version', () => {
    assert.ok(parseTraceparent(`${traceparent.replace('00-', '01-')}-more`));
  });

  it('does not throw for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseTraceparent(text) === undefined || text.length >= 55));
  });
});
