/** Folds a small profile whose times were worked out by hand. */
import { strict as assert } from 'node:assert';
import { type CallFrame, type CpuProfile, foldProfile } from '../../../src/probe/sampling/fold-profile.ts';

const frame = (functionName: string): CallFrame => ({ functionName, url: '/a.js', lineNumber: 0, columnNumber: 0 });

/** root -> main -> f -> f -> g; garbage collection and idle time hang off the root. One sample per millisecond. */
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
  //        main  f     f in f g     gc    idle  gc    main (100 ms late)
  samples: [2, 3, 4, 5, 6, 7, 6, 2],
  timeDeltas: [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000],
};

function fold(afterUs: number) {
  const names = ['main', 'f', 'g', '(garbage collector)'];
  const times = new Map<number, { samples: number; selfNs: number; totalNs: number }>();
  const idOf = ({ functionName }: CallFrame): number | undefined =>
    names.includes(functionName) ? names.indexOf(functionName) : undefined;
  const result = foldProfile(profile, { idOf, afterUs, maxSampleUs: 20_000 }, times);
  return { ...result, times: Object.fromEntries([...times].map(([id, time]) => [names[id], time])) };
}

describe('foldProfile', () => {
  it('counts a recursion once, adds garbage collection to the code before it, and caps a late sample', () => {
    const { sampleCount, gcNs, times } = fold(-1);
    assert.equal(sampleCount, 8);
    assert.equal(gcNs, 2e6);
    assert.deepEqual(times, {
      // Its own sample, those of the functions it called, and one of 100 ms that counts as 20 ms.
      main: { samples: 6, selfNs: 21e6, totalNs: 25e6 },
      f: { samples: 4, selfNs: 2e6, totalNs: 4e6 },
      g: { samples: 2, selfNs: 2e6, totalNs: 2e6 },
      // After idle time there is no code that the garbage collection could belong to.
      '(garbage collector)': { samples: 1, selfNs: 1e6, totalNs: 1e6 },
    });
  });

  it('skips samples that the previous profile contains', () => {
    const { sampleCount, times } = fold(3000);
    assert.equal(sampleCount, 5);
    assert.deepEqual(times['f'], { samples: 2, selfNs: 0, totalNs: 2e6 });
  });
});
