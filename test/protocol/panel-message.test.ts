import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { isControl } from '../../src/protocol/control.ts';
import { isFromPanel } from '../../src/protocol/panel-message.ts';
import { isSnapshot } from '../../src/protocol/snapshot.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

describe('the guards of messages', () => {
  const cases: readonly [string, (value: unknown) => boolean, unknown, boolean][] = [
    ['a page that is ready', isFromPanel, { type: 'ready' }, true],
    ['a known command', isFromPanel, { type: 'run', command: 'pipescope.stop' }, true],
    ['a command that is not the page’s', isFromPanel, { type: 'run', command: 'workbench.action.quit' }, false],
    ['a place', isFromPanel, { type: 'reveal', file: 'src/a.ts', line: 3 }, true],
    ['a place without a line', isFromPanel, { type: 'reveal', file: 'src/a.ts' }, false],
    ['a line that is half', isFromPanel, { type: 'reveal', file: 'src/a.ts', line: 1.5 }, false],
    ['the cost of a frame', isFromPanel, { type: 'drawn', drawNs: 1 }, true],
    ['a stranger', isFromPanel, { type: 'eval', code: '1' }, false],
    ['a stop', isControl, { type: 'stop' }, true],
    ['changed files', isControl, { type: 'changed', files: ['a.ts'] }, true],
    ['changed files that are none', isControl, { type: 'changed', files: [1] }, false],
    ['a welcome', isControl, { type: 'welcome', host: 'h' }, true],
    [
      'wishes',
      isControl,
      {
        type: 'wish',
        wishes: { samplingNs: 1, exact: [{ file: 'a.ts', line: 3 }], budgetRatio: 0.01, workspace: '/' },
      },
      true,
    ],
    ['wishes without a workspace', isControl, { type: 'wish', wishes: { samplingNs: 1, exact: [] } }, false],
    ['an order that nobody knows', isControl, { type: 'explode' }, false],
    ['a snapshot', isSnapshot, snapshotAt(5), true],
    ['a snapshot of another schema', isSnapshot, { ...snapshotAt(5), schema: 'pipescope/9' }, false],
    ['a list', isSnapshot, [], false],
  ];
  for (const [what, guard, value, expected] of cases) {
    it(`${expected ? 'accept' : 'reject'} ${what}`, () => {
      assert.equal(guard(value), expected);
    });
  }

  it('throw at nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const guard of [isFromPanel, isControl, isSnapshot]) assert.equal(typeof guard(value), 'boolean');
      }),
    );
  });
});
