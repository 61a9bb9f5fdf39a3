import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { OutputTail } from '../../src/process/output-tail.ts';

function tailOf(maxBytes: number, chunks: readonly (string | Buffer)[]): OutputTail {
  const tail = new OutputTail(maxBytes);
  for (const chunk of chunks) tail.add(Buffer.from(chunk));
  return tail;
}

describe('OutputTail', () => {
  it('keeps an output that fits', () => {
    const tail = tailOf(6, ['abc', 'def']);
    assert.deepEqual([tail.text, tail.isCut], ['abcdef', false]);
  });

  it('keeps the end of an output that is too long', () => {
    const tail = tailOf(4, ['abc', 'def', 'g']);
    assert.deepEqual([tail.text, tail.isCut], ['defg', true]);
  });

  it('drops the rest of a cut character', () => {
    const tail = tailOf(5, [Buffer.from('ää').subarray(0, 1), Buffer.from('ää').subarray(1), 'xyz']);
    assert.deepEqual([tail.text, tail.isCut], ['äxyz', true]);
  });

  it('depends only on the bytes, not on how they are split into chunks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, size) => {
        const bytes = Buffer.from(text);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        assert.equal(tailOf(16, chunks).text, tailOf(16, [bytes]).text);
      }),
    );
  });
});
