import { strict as assert } from 'node:assert';
import { formatWatchedTree, parseWatchedTree, type WatchedTree } from '../../src/process/watchdog.ts';

describe('parseWatchedTree', () => {
  const trees: readonly WatchedTree[] = [
    { pid: 12, marker: 'A=b' },
    { pid: 12, startTicks: 34, marker: 'A=b:c' },
    { pid: 12, mark: '4611686018427387904', marker: 'A=' },
    { pid: 12, startTicks: 34, mark: '4611686018427387904', marker: 'A=b' },
  ];
  for (const tree of trees) {
    it(`restores ${formatWatchedTree(tree)}`, () => assert.deepEqual(parseWatchedTree(formatWatchedTree(tree)), tree));
  }

  it('rejects anything else', () => {
    for (const text of ['', '12', '-1:::A=b', '0x1:::A=b', '12::', ':::A=b']) {
      assert.equal(parseWatchedTree(text), undefined, text);
    }
  });
});
