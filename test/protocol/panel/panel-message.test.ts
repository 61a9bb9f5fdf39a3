import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { isControl } from '../../../src/protocol/control.ts';
import { isFromPanel } from '../../../src/protocol/panel/panel-message.ts';
import { isSnapshot } from '../../../src/protocol/snapshot.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('guards of messages', () => {
  const cases: readonly [string, (value: unknown) => boolean, unknown, boolean][] = [
    ['that the page is ready', isFromPanel, { type: 'ready' }, true],
    ['a known command', isFromPanel, { type: 'run', command: 'pipescope.stop' }, true],
    ['a command that the page may not execute', isFromPanel, { type: 'run', command: 'workbench.action.quit' }, false],
    ['a source location', isFromPanel, { type: 'reveal', file: 'src/a.ts', line: 3 }, true],
    ['a source location without a line', isFromPanel, { type: 'reveal', file: 'src/a.ts' }, false],
    ['a line that is not an integer', isFromPanel, { type: 'reveal', file: 'src/a.ts', line: 1.5 }, false],
    ['the drawing time of a frame', isFromPanel, { type: 'drawn', drawNs: 1 }, true],
    ['an unknown message', isFromPanel, { type: 'eval', code: '1' }, false],
    ['the control stop', isControl, { type: 'stop' }, true],
    ['changed files', isControl, { type: 'changed', files: ['a.ts'] }, true],
    ['changed files that are not paths', isControl, { type: 'changed', files: [1] }, false],
    ['the control welcome', isControl, { type: 'welcome', host: 'h' }, true],
    [
      'a probe configuration',
      isControl,
      {
        type: 'wish',
        wishes: { samplingNs: 1, exact: [{ file: 'a.ts', line: 3 }], budgetRatio: 0.01, workspace: '/' },
      },
      true,
    ],
    [
      'a probe configuration without a workspace',
      isControl,
      { type: 'wish', wishes: { samplingNs: 1, exact: [] } },
      false,
    ],
    ['an unknown control', isControl, { type: 'explode' }, false],
    ['a snapshot', isSnapshot, snapshotAt(5), true],
    ['a snapshot with another schema', isSnapshot, { ...snapshotAt(5), schema: 'pipescope/9' }, false],
    ['an array as a snapshot', isSnapshot, [], false],
  ];
  for (const [name, guard, value, expected] of cases) {
    it(`${expected ? 'accept' : 'reject'} ${name}`, () => {
      assert.equal(guard(value), expected);
    });
  }

  it('never throw', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const guard of [isFromPanel, isControl, isSnapshot]) assert.equal(typeof guard(value), 'boolean');
      }),
    );
  });
});
