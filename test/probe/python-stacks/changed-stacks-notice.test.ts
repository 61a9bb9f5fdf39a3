import { strict as assert } from 'node:assert';
import { changedStacksNotice } from '../../../src/probe/python-stacks/sampled-process.ts';

describe('notice about changed stacks of Python', () => {
  const cases = [
    { samples: 950, changedStacks: 50, isReported: false },
    { samples: 940, changedStacks: 60, isReported: true },
    { samples: 0, changedStacks: 50, isReported: true },
    { samples: 10, changedStacks: 10, isReported: false },
    { samples: 0, changedStacks: 0, isReported: false },
  ];
  for (const { samples, changedStacks, isReported } of cases) {
    it(`is ${isReported ? 'sent' : 'not sent'} for ${changedStacks} of ${samples + changedStacks} stacks`, () => {
      assert.equal(changedStacksNotice('program.py', { samples, changedStacks }) !== undefined, isReported);
    });
  }

  it('names the program and the share', () => {
    const notice = changedStacksNotice('program.py', { samples: 75, changedStacks: 25 });
    assert.match(notice ?? '', /^25 % of the call stacks of program\.py changed/);
  });
});
