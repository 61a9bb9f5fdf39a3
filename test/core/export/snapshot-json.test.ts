import { strict as assert } from 'node:assert';
import { snapshotFormatOf, snapshotFormats } from '../../../src/core/export/snapshot-formats.ts';
import { parseSnapshotJson } from '../../../src/core/export/snapshot-json.ts';
import { HumanError } from '../../../src/core/human-error.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('snapshot export', () => {
  for (const format of snapshotFormats) {
    it(`writes an early and a complete snapshot as ${format.id}`, () => {
      for (const seconds of [0, 30]) {
        const text = format.write(snapshotAt(seconds));
        assert.ok(text.length > 100);
        assert.ok(!/NaN|Infinity|undefined/.test(text));
      }
    });
  }

  for (const format of snapshotFormats) {
    it(`selects the format ${format.id} by the extension of the file`, () => {
      assert.equal(snapshotFormatOf(`/a/run.${format.extension}`).id, format.id);
    });
  }

  it('writes JSON to files with other extensions', () => {
    assert.equal(snapshotFormatOf('/a/run.txt').id, 'json');
  });

  it('restores a snapshot from an exported file', () => {
    const snapshot = snapshotAt(12);
    const json = snapshotFormats.find(({ id }) => id === 'json');
    assert.deepEqual(parseSnapshotJson(json?.write(snapshot) ?? ''), JSON.parse(JSON.stringify(snapshot)));
  });

  for (const text of ['', '{', '[]', '{"schema":"pipescope/9"}', '{"schema":"pipescope/1"}']) {
    it(`throws an error for the user if the text is ${text || 'empty'}`, () => {
      assert.throws(() => parseSnapshotJson(text), HumanError);
    });
  }
});
