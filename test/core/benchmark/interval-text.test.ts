import { strict as assert } from 'node:assert';
import { formatChangeInterval, formatMedianInterval } from '../../../src/core/benchmark/interval-text.ts';

describe('the text of a 95 % interval', () => {
  it('has both ends of a median in their unit', () => {
    assert.equal(formatMedianInterval({ lowNs: 1.02e9, highNs: 1.08e9 }), '1.02 s to 1.08 s');
    assert.equal(formatMedianInterval({ lowNs: 50e6, highNs: 52e6 }, '–'), '50.0 ms – 52.0 ms');
  });

  it('has both ends of a ratio as changes with their sign', () => {
    assert.equal(formatChangeInterval({ lowRatio: 1.02, highRatio: 1.05 }), '+2 % to +5 %');
    assert.equal(formatChangeInterval({ lowRatio: 0.9, highRatio: 1.25 }), '−10 % to +25 %');
  });

  it('is a dash if an end does not exist', () => {
    assert.equal(formatMedianInterval({ lowNs: 1e9 }), '–');
    assert.equal(formatMedianInterval({ highNs: 1e9 }), '–');
    assert.equal(formatChangeInterval({ lowRatio: 1 }), '–');
    assert.equal(formatChangeInterval({ highRatio: 1 }), '–');
  });
});
