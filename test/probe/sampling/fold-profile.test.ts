/** Holds the folding of a profile to a small one that was counted by hand. */
import { strict as assert } from 'node:assert';
import { type CallFrame, type CpuProfile, fold, type Share } from '../../../src/probe/sampling/fold-profile.ts';

const frame = (functionName: string): CallFrame => ({ functionName, url: '/a.js', lineNumber: 0, columnNumber: 0 });

/** root -> main -> f -> f -> g; the collector and idle time hang off the root. One look each millisecond. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 6, 7] },
    { id: 2, callFrame: frame('main'), children: [3] },
    { id: 3, callFrame: frame('f'), children: [4] },
    { id: 4, callFrame: frame('f'), children: [5] },
    { id: 5, callFrame: frame('g') },
    { id: 6, callFrame: frame('(garbage collector)') },
    { id: 7, callFrame: frame('(idle)') },
  ],
  startTime: 0,
  endTime: 108_000,
  //        main  f     f in f g     gc    idle  gc    main (starved)
  samples: [2, 3, 4, 5, 6, 7, 6, 2],
  timeDeltas: [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000],
};

function folded(afterUs: number): {
  readonly looks: number;
  readonly gcNs: number;
  readonly shares: Record<string, Share>;
} {
  const names = ['main', 'f', 'g', '(garbage collector)'];
  const shares = new Map<number, Share>();
  const operationOf = ({ functionName }: CallFrame): number | undefined =>
    names.includes(functionName) ? names.indexOf(functionName) : undefined;
  const told = fold(profile, { operationOf, afterUs, longestUs: 20_000 }, shares);
  return { ...told, shares: Object.fromEntries([...shares].map(([id, share]) => [names[id], share])) };
}

describe('fold', () => {
  it('counts a recursion once, gives the collector to the code before it, and caps a late look', () => {
    const { looks, gcNs, shares } = folded(-1);
    assert.equal(looks, 8);
    assert.equal(gcNs, 2e6);
    assert.deepEqual(shares, {
      // Its own look, those of what it called, and one that stood for 100 ms and counts as 20.
      main: { samples: 6, selfNs: 21e6, totalNs: 25e6 },
      f: { samples: 4, selfNs: 2e6, totalNs: 4e6 },
      g: { samples: 2, selfNs: 2e6, totalNs: 2e6 },
      // After idle time nobody knows for whom it collected.
      '(garbage collector)': { samples: 1, selfNs: 1e6, totalNs: 1e6 },
    });
  });

  it('leaves out what the recording before has told already', () => {
    const { looks, shares } = folded(3000);
    assert.equal(looks, 5);
    assert.deepEqual(shares['f'], { samples: 2, selfNs: 0, totalNs: 2e6 });
  });
});
