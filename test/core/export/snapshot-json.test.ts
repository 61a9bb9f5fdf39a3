import { strict as assert } from 'node:assert';
import { formats } from '../../../src/core/export/snapshot-formats.ts';
import { importJson } from '../../../src/core/export/snapshot-json.ts';
import { HumanError } from '../../../src/core/human-error.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('export', () => {
  for (const format of formats) {
    it(`writes a whole snapshot and an early one as ${format.id}`, () => {
      for (const seconds of [0, 30]) {
        const text = format.write(snapshotAt(seconds));
        assert.ok(text.length > 100);
        assert.ok(!/NaN|Infinity|undefined/.test(text));
      }
    });
  }

  it('reads its own file back as it was', () => {
    const snapshot = snapshotAt(12);
    const json = formats.find(({ id }) => id === 'json');
    assert.deepEqual(importJson(json?.write(snapshot) ?? ''), JSON.parse(JSON.stringify(snapshot)));
  });

  for (const text of ['', '{', '[]', '{"schema":"pipescope/9"}', '{"schema":"pipescope/1"}']) {
    it(`says why ${text || 'nothing'} is no snapshot`, () => {
      assert.throws(() => importJson(text), HumanError);
    });
  }
});
