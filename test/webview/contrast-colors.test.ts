import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bestLabel, contrastOf, ensureContrast, type Rgba } from '../../webview/contrast.ts';

const channel = fc.nat({ max: 255 });
const opaque = fc.tuple(channel, channel, channel, fc.constant(1)) as fc.Arbitrary<Rgba>;
const translucent = fc.tuple(
  channel,
  channel,
  channel,
  fc.double({ min: 0, max: 1, noNaN: true }),
) as fc.Arbitrary<Rgba>;

describe('ensureContrast', () => {
  it('knows the contrast of black and white, and of two greys', () => {
    assert.equal(contrastOf([0, 0, 0, 1], [255, 255, 255, 1]), 21);
    // Published examples of WCAG: #767676 is the lightest grey with 4.5 on white.
    assert.ok(contrastOf([0x76, 0x76, 0x76, 1], [255, 255, 255, 1]) >= 4.5);
    assert.ok(contrastOf([0x77, 0x77, 0x77, 1], [255, 255, 255, 1]) < 4.5);
  });

  it('gives every color a contrast of 3 with any background, and leaves those that have it', () => {
    fc.assert(
      fc.property(translucent, opaque, (color, background) => {
        const [red, green, blue, alpha] = ensureContrast(color, [background]);
        const mix = (front: number, index: number): number =>
          Math.round(front * alpha + (background[index] as number) * (1 - alpha));
        const drawn: Rgba = [mix(red, 0), mix(green, 1), mix(blue, 2), 1];
        assert.ok(contrastOf(drawn, background) >= 3);
      }),
    );
    assert.deepEqual(ensureContrast([200, 200, 0, 1], [[0, 0, 0, 1]]), [200, 200, 0, 1]);
  });

  it('leaves room for a label of black or white on every color', () => {
    fc.assert(fc.property(opaque, (color) => assert.ok(contrastOf(bestLabel(color), color) >= 4.5)));
  });
});
