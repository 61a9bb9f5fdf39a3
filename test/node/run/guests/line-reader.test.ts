import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { LineReader } from '../../../../src/node/run/guests/line-reader.ts';

describe('LineReader', () => {
  it('returns the same lines, however the bytes are split', () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll(/\s/g, '_')),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const reader = new LineReader();
        const received: string[] = [];
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        for (let start = 0; start < bytes.length; start += size)
          reader.push(bytes.subarray(start, start + size), (line) => received.push(line) > 0);
        assert.deepEqual(
          received,
          lines.filter((line) => line !== ''),
        );
        assert.equal(reader.pendingBytes, 0);
      }),
    );
  });

  it('keeps a line in a buffer of at most twice its size, however small its pieces are', () => {
    const reader = new LineReader();
    const before = process.memoryUsage().arrayBuffers;
    const pieces = 200_000;
    for (let index = 0; index < pieces; index++) {
      // As from a socket, each piece has a buffer of its own.
      const piece = Buffer.allocUnsafeSlow(64);
      piece[0] = 120;
      reader.push(piece.subarray(0, 1), () => true);
    }
    globalThis.gc?.();
    assert.equal(reader.pendingBytes, pieces);
    const lines: string[] = [];
    reader.push(Buffer.from('\n'), (line) => lines.push(line) > 0);
    assert.deepEqual(lines, ['x'.repeat(pieces)]);
    assert.ok(process.memoryUsage().arrayBuffers - before < 200_000_000);
  });

  it('gives the buffer of a long line up after the line', async () => {
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const bytes = (): number => {
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    const readers = Array.from({ length: 40 }, () => new LineReader());
    const before = bytes();
    for (const reader of readers) reader.push(Buffer.alloc(1_000_000, 'x'), () => true);
    assert.ok(bytes() - before > 40_000_000, 'the lines are kept');
    for (const reader of readers) reader.push(Buffer.from('\n'), () => true);
    assert.ok(bytes() - before < 10_000_000, `${bytes() - before} bytes after the lines`);
    assert.ok(readers.every(({ pendingBytes }) => pendingBytes === 0));
  });

  it('stops as soon as its reader does', () => {
    const received: string[] = [];
    new LineReader().push(Buffer.from('one\ntwo\nthree\n'), (line) => received.push(line) < 2);
    assert.deepEqual(received, ['one', 'two']);
  });
});
