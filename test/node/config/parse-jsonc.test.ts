import { strict as assert } from 'node:assert';
import { parseJsonc } from '../../../src/node/config/parse-jsonc.ts';
import { maxJsonDepth } from '../../../src/protocol/json-depth.ts';

describe('parseJsonc', () => {
  it('reaches the end of every text of up to five significant characters', () => {
    const characters = ['{', ']', '"', '/', '*', 'm', '\\', '\n'];
    let texts = [''];
    for (let length = 1; length <= 5; length++) {
      texts = texts.flatMap((text) => characters.map((character) => text + character));
      for (const text of texts) parseJsonc(text);
    }
    assert.equal(texts.length, 8 ** 5);
  });

  it('reports the first error of a comment that does not end', () => {
    for (const text of ['/*', 'm/*', '{"a": 1} /* x']) assert.ok(parseJsonc(text).error, text);
  });

  it('does not count brackets in texts and comments towards the depth', () => {
    const brackets = '['.repeat(2 * maxJsonDepth);
    assert.deepEqual(parseJsonc(`/* ${brackets} */ {"a": "${brackets}"} // ${brackets}`).error, undefined);
    assert.equal(parseJsonc(brackets).deepOffset, maxJsonDepth);
  });
});
