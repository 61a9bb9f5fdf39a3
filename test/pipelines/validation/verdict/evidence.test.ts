import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  createEvidence,
  evidenceBytes,
  evidenceSizeNote,
  maxItemBytes,
} from '../../../../src/pipelines/validation/verdict/evidence.ts';

const sizes: readonly [string, number][] = [
  ['', 0],
  ['This is test evidence', 21],
  ['é', 2],
  ['€', 3],
  ['😀', 4],
  ['a\r\nb', 4],
];

/** Returns the number of omitted bytes in a truncation mark. */
const omittedBytes = (content: string): number => Number(/\[… (\d+) bytes left out\]/.exec(content)?.[1]);
const withoutMark = (content: string): string => content.replace(/\n\[… \d+ bytes left out\]\n/, '');

describe('evidence', () => {
  for (const [content, bytes] of sizes) {
    it(`counts ${bytes} bytes for ${JSON.stringify(content)}, without its path`, () => {
      const item = createEvidence({ kind: 'file_content', content, path: 'a/long/path.ts', line: 3 });
      assert.equal(evidenceBytes([item, item]), 2 * bytes);
      assert.equal(item.hash, createHash('sha256').update(content, 'utf8').digest('hex'));
      assert.deepEqual([item.content, item.path, item.line], [content, 'a/long/path.ts', 3]);
    });
  }

  it('truncates only content that exceeds the limit', () => {
    const fits = 'x'.repeat(maxItemBytes);
    assert.equal(createEvidence({ kind: 'metric', content: fits }).content, fits);
    const cut = createEvidence({ kind: 'metric', content: `${fits}y` });
    assert.ok(evidenceBytes([cut]) <= maxItemBytes);
    assert.ok(omittedBytes(cut.content) > 0);
    assert.equal(cut.hash, createHash('sha256').update(cut.content).digest('hex'));
  });

  it('truncates between characters and states the exact number of omitted bytes', () => {
    const character = fc.constantFrom('a', 'é', '€', '😀', '\n');
    const kind = fc.constantFrom('file_content' as const, 'command_output' as const);
    fc.assert(
      fc.property(fc.array(character, { minLength: 1, maxLength: 9 }), fc.nat(5), kind, (pattern, shift, what) => {
        const content = 'b'.repeat(shift) + pattern.join('').repeat(Math.ceil(maxItemBytes / pattern.length) + 9);
        const { content: truncated } = createEvidence({ kind: what, content });
        const rest = withoutMark(truncated);
        assert.ok(Buffer.byteLength(truncated) <= maxItemBytes);
        assert.ok(Buffer.byteLength(truncated) > maxItemBytes - 40, 'it keeps as much as possible');
        assert.ok(what === 'command_output' ? content.endsWith(rest) : content.startsWith(rest));
        assert.equal(Buffer.byteLength(rest) + omittedBytes(truncated), Buffer.byteLength(content));
      }),
      { numRuns: 60 },
    );
  });

  it('warns above 10 MB and reports an error above 50 MB', () => {
    const levels = [0, 10e6, 10e6 + 1, 50e6, 50e6 + 1].map((bytes) => evidenceSizeNote(bytes)?.level);
    assert.deepEqual(levels, [undefined, undefined, 'warning', 'warning', 'error']);
    assert.match(evidenceSizeNote(12.34e6)?.message ?? '', /takes 12\.3 MB, which exceeds the limit of 10\.0 MB/);
    assert.match(evidenceSizeNote(60e6)?.message ?? '', /takes 60\.0 MB, which exceeds the limit of 50\.0 MB/);
  });
});
