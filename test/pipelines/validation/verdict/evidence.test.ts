import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  evidenceBytes,
  evidenceNote,
  evidenceOf,
  mostItemBytes,
} from '../../../../src/pipelines/validation/verdict/evidence.ts';

const sizes: readonly [string, number][] = [
  ['', 0],
  ['This is test evidence', 21],
  ['é', 2],
  ['€', 3],
  ['😀', 4],
  ['a\r\nb', 4],
];

/** How many bytes the mark in a cut content says are missing. */
const leftOut = (content: string): number => Number(/\[… (\d+) bytes left out\]/.exec(content)?.[1]);
const withoutMark = (content: string): string => content.replace(/\n\[… \d+ bytes left out\]\n/, '');

describe('evidence', () => {
  for (const [content, bytes] of sizes) {
    it(`counts ${bytes} bytes of ${JSON.stringify(content)}, and none of its path`, () => {
      const item = evidenceOf({ kind: 'file_content', content, path: 'a/long/path.ts', line: 3 });
      assert.equal(evidenceBytes([item, item]), 2 * bytes);
      assert.equal(item.hash, createHash('sha256').update(content, 'utf8').digest('hex'));
      assert.deepEqual([item.content, item.path, item.line], [content, 'a/long/path.ts', 3]);
    });
  }

  it('cuts no content that just fits, and every one that does not', () => {
    const fits = 'x'.repeat(mostItemBytes);
    assert.equal(evidenceOf({ kind: 'metric', content: fits }).content, fits);
    const cut = evidenceOf({ kind: 'metric', content: `${fits}y` });
    assert.ok(evidenceBytes([cut]) <= mostItemBytes);
    assert.ok(leftOut(cut.content) > 0);
    assert.equal(cut.hash, createHash('sha256').update(cut.content).digest('hex'));
  });

  it('cuts on a border of characters, and says exactly how much is missing', () => {
    const character = fc.constantFrom('a', 'é', '€', '😀', '\n');
    const kind = fc.constantFrom('file_content' as const, 'command_output' as const);
    fc.assert(
      fc.property(fc.array(character, { minLength: 1, maxLength: 9 }), fc.nat(5), kind, (pattern, shift, what) => {
        const content = 'b'.repeat(shift) + pattern.join('').repeat(Math.ceil(mostItemBytes / pattern.length) + 9);
        const { content: kept } = evidenceOf({ kind: what, content });
        const rest = withoutMark(kept);
        assert.ok(Buffer.byteLength(kept) <= mostItemBytes);
        assert.ok(Buffer.byteLength(kept) > mostItemBytes - 40, 'no more is cut than must be');
        assert.ok(what === 'command_output' ? content.endsWith(rest) : content.startsWith(rest));
        assert.equal(Buffer.byteLength(rest) + leftOut(kept), Buffer.byteLength(content));
      }),
      { numRuns: 60 },
    );
  });

  it('warns above 10 MB and says an error above 50 MB', () => {
    const levels = [0, 10e6, 10e6 + 1, 50e6, 50e6 + 1].map((bytes) => evidenceNote(bytes)?.level);
    assert.deepEqual(levels, [undefined, undefined, 'warning', 'warning', 'error']);
    assert.match(evidenceNote(12.34e6)?.message ?? '', /takes 12\.3 MB, more than the 10\.0 MB/);
    assert.match(evidenceNote(60e6)?.message ?? '', /takes 60\.0 MB, more than the 50\.0 MB/);
  });
});
