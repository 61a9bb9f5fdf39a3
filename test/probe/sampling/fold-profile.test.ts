/** Folds a small profile whose times were worked out by hand. */
import { strict as assert } from 'node:assert';
import { type CallFrame, type CpuProfile, foldProfile } from '../../../src/probe/sampling/fold-profile.ts';
import { StackRecorder } from '../../../src/probe/sampling/stack-recorder.ts';
import { stackTimes } from '../stack-times.ts';

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

function fold(afterUs: number, maxTotalUs = Number.POSITIVE_INFINITY) {
  const names = ['main', 'f', 'g', '(garbage collector)'];
  const stacks = new StackRecorder();
  const idOf = ({ functionName }: CallFrame): number | undefined =>
    names.includes(functionName) ? names.indexOf(functionName) : undefined;
  const result = foldProfile(profile, { idOf, afterUs, maxSampleUs: 20_000, maxTotalUs }, stacks);
  const times = [...stackTimes(stacks.drain())].map(([id, time]) => [names[id], time] as const);
  return { ...result, times: Object.fromEntries(times) };
}

describe('foldProfile', () => {
  it('counts a recursion once, adds garbage collection to the code before it, and caps a late sample', () => {
    const { sampleCount, times } = fold(-1);
    assert.equal(sampleCount, 8);
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

  it('scales the time of all samples down to the CPU time of the thread', () => {
    const whole = fold(-1);
    assert.equal(whole.totalUs, 26_000);
    assert.deepEqual(fold(-1, 26_000), whole);
    const { totalUs, sampleCount, times } = fold(-1, 13_000);
    assert.deepEqual([totalUs, sampleCount], [13_000, 8]);
    assert.deepEqual(times['f'], { samples: 4, selfNs: 1e6, totalNs: 2e6 });
    assert.deepEqual(times['main'], { samples: 6, selfNs: 10.5e6, totalNs: 12.5e6 });
    assert.equal(fold(-1, 0).times['main']?.totalNs, 0);
  });

  it('takes the missing CPU time from the wait for another process first', () => {
    const frame = (functionName: string, url = ''): CallFrame => ({
      functionName,
      url,
      lineNumber: 0,
      columnNumber: 0,
    });
    const waiting = {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 3] },
        { id: 2, callFrame: frame('compute'), children: [] },
        { id: 3, callFrame: frame('spawnSync', 'node:internal/child_process'), children: [] },
      ],
      startTime: 0,
      endTime: 10_000,
      samples: [2, 3],
      timeDeltas: [0, 4000],
    };
    const selfOf = (maxTotalUs: number): readonly (number | undefined)[] => {
      const stacks = new StackRecorder();
      const idOf = ({ functionName }: CallFrame): number => functionName.length;
      foldProfile(waiting, { idOf, afterUs: -1, maxSampleUs: 20_000, maxTotalUs }, stacks);
      const times = stackTimes(stacks.drain());
      return ['compute', 'spawnSync'].map((name) => times.get(name.length)?.selfNs);
    };
    assert.deepEqual(selfOf(20_000), [4e6, 6e6]);
    assert.deepEqual(selfOf(5000), [4e6, 1e6]);
    assert.deepEqual(selfOf(1000), [1e6, 0]);
  });
});
