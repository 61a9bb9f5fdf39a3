import { strict as assert } from 'node:assert';
import { foldOutsideSources } from '../../../../src/core/record/sources/fold-outside-sources.ts';
import type { ProcessState } from '../../../../src/protocol/snapshot.ts';

function state(source: string, pid: number, threadId: number, sampledNs?: number): ProcessState {
  const sampled = sampledNs === undefined ? {} : { sampledNs };
  return { source, pid, threadId, name: source, runtime: 'python 3.13', events: 0, calls: 1, ...sampled, ended: false };
}

describe('sources that are read from outside', () => {
  it('are one row with the process that reports itself, and its newest program if there are several', () => {
    const states = [
      state('1.0', 1, 0),
      state('1.0/2', 1, 0, 5),
      state('1.0/stacks', 1, 0, 30),
      state('2.0/stacks', 2, 0, 7),
    ];
    const folded = foldOutsideSources(states, new Set(['1.0/stacks', '2.0/stacks']));
    assert.deepEqual(
      folded.map(({ source, sampledNs }) => [source, sampledNs]),
      [
        ['1.0', undefined],
        ['1.0/2', 35],
        ['2.0/stacks', 7],
      ],
    );
  });

  it('keep a row for each other thread', () => {
    const states = [state('1.0', 1, 0), state('1.9/stacks', 1, 9, 30)];
    assert.deepEqual(foldOutsideSources(states, new Set(['1.9/stacks'])), states);
  });
});
