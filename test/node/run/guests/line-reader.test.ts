import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
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

  it('gives the buffer of a long line up after the line', () => {
    // In a process of its own, because the memory of other tests may be freed at any moment.
    const file = new URL('../../../../src/node/run/guests/line-reader.ts', import.meta.url).href;
    const program = `import { LineReader } from ${JSON.stringify(file)};
      // V8 frees buffers in the background, some time after it has collected them.
      const bytes = async (isEnough) => {
        for (let round = 0; round < 200; round++) {
          gc();
          await new Promise((done) => setTimeout(done, 10));
          if (isEnough(process.memoryUsage().arrayBuffers)) break;
        }
        return process.memoryUsage().arrayBuffers;
      };
      const readers = Array.from({ length: 40 }, () => new LineReader());
      const before = await bytes(() => true);
      for (const reader of readers) reader.push(Buffer.alloc(1_000_000, 'x'), () => true);
      const during = await bytes(() => true);
      for (const reader of readers) reader.push(Buffer.from('\\n'), () => true);
      const after = await bytes((now) => now - before < 10_000_000);
      const pending = readers.reduce((sum, { pendingBytes }) => sum + pendingBytes, 0);
      console.log(JSON.stringify({ during: during - before, after: after - before, pending }));`;
    const options = ['--expose-gc', '--input-type=module', '--eval', program];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    const { during, after, pending } = JSON.parse(stdout || `{"stderr":${JSON.stringify(stderr)}}`);
    assert.ok(during > 40_000_000, `${during} bytes of unfinished lines ${stderr}`);
    assert.ok(after < 10_000_000, `${after} bytes after the lines`);
    assert.equal(pending, 0);
  });

  it('stops as soon as its reader does', () => {
    const received: string[] = [];
    new LineReader().push(Buffer.from('one\ntwo\nthree\n'), (line) => received.push(line) < 2);
    assert.deepEqual(received, ['one', 'two']);
  });
});
