import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { escapeLabel, escapeTooltip } from '../../src/editor/escape-label.ts';
import { hostileText } from '../fixtures/hostile-text.ts';

describe('escapeLabel', () => {
  it('draws no icon, stays on one line and contains no active characters but those that it adds', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const label = escapeLabel(text);
        assert.ok(!label.includes('$('));
        assert.doesNotMatch(label.replaceAll('$\u200b(', ''), /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('leaves plain text unchanged', () => assert.equal(escapeLabel('src/a b.ts:1 · µs'), 'src/a b.ts:1 · µs'));
});

describe('escapeTooltip', () => {
  it('keeps lines and shows other control characters', () => {
    assert.equal(escapeTooltip('a\n\nb\u202ec'), 'a\n\nb<U+202E>c');
  });
});
