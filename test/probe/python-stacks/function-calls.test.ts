import { strict as assert } from 'node:assert';
import { type CallSightings, FunctionCalls } from '../../../src/probe/python-stacks/function-calls.ts';

describe('calls of a Python function', () => {
  const rare = 1;
  /** Stacks with the function, those of them with a rare caller, and if that is accepted. */
  const cases: readonly { stacks: number; kind: keyof CallSightings; sightings: number; isReal: boolean }[] = [
    { stacks: 10, kind: 'all', sightings: 4, isReal: false },
    { stacks: 10, kind: 'all', sightings: 5, isReal: true },
    { stacks: 1000, kind: 'all', sightings: 50, isReal: false },
    { stacks: 1000, kind: 'ofLastingCaller', sightings: 9, isReal: false },
    { stacks: 1000, kind: 'ofLastingCaller', sightings: 10, isReal: true },
    { stacks: 1000, kind: 'lasting', sightings: 1, isReal: false },
    { stacks: 1000, kind: 'lasting', sightings: 2, isReal: true },
  ];
  for (const { stacks, kind, sightings, isReal } of cases) {
    it(`are ${isReal ? 'real' : 'not real'} if ${sightings} of ${stacks} stacks have them (${kind})`, () => {
      const calls = new FunctionCalls();
      for (let stack = 1; stack <= stacks; stack++) {
        calls.countIn(stack);
        const seen = calls.sightingsOf(stack <= sightings ? rare : 2);
        assert.ok(seen);
        seen.all++;
        if (kind !== 'all') seen.ofLastingCaller++;
        if (kind === 'lasting') seen.lasting++;
      }
      assert.equal(calls.areReal(rare), isReal);
    });
  }

  it('are real for the first call of a deep recursion', () => {
    const calls = new FunctionCalls();
    for (const stack of [1, 2]) {
      for (let depth = 0; depth < 3000; depth++) {
        calls.countIn(stack);
        const seen = calls.sightingsOf(depth === 0 ? rare : 2);
        assert.ok(seen);
        seen.lasting++;
      }
    }
    assert.ok(calls.areReal(rare));
  });
});
