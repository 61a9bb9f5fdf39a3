import assert from 'node:assert/strict';
import { formatSnapshotJson } from '../../../src/core/export/snapshot-json.ts';
import { HumanError } from '../../../src/core/human-error.ts';
import { readRun } from '../../../src/node/profiles/read/read-run.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';
import { plantedStacks } from '../../fixtures/stack-states.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the file of a run', () => {
  it('can be an exported snapshot, which keeps its stacks', async () => {
    const snapshot = { ...snapshotAt(3), stacks: plantedStacks() };
    for (const text of [formatSnapshotJson(snapshot), JSON.stringify(snapshot)]) {
      const read = await readRun(bytesOf(text), 'a.pipescope.json');
      assert.deepEqual(read.stacks, snapshot.stacks);
      assert.equal(read.run.id, snapshot.run.id);
    }
  });

  it('can be a profile of another tool', async () => {
    const read = await readRun(bytesOf('main;rank 3\nmain 2\n'), 'a.collapsed');
    assert.equal(read.run.kind, 'profile');
    assert.deepEqual(
      read.stacks?.functions.map(({ name }) => name),
      ['main', 'rank'],
    );
  });

  it('is refused with a reason if it is damaged or something else', async () => {
    const damaged = formatSnapshotJson(snapshotAt(3)).slice(0, -20);
    for (const text of [damaged, '{"schema": "other/1"}', 'text'])
      await assert.rejects(readRun(bytesOf(text), 'a.json'), HumanError, text.slice(0, 40));
  });
});
