import { strict as assert } from 'node:assert';
import {
  checkDetails,
  checkLine,
  checkText,
  commandText,
  countsLine,
  skipReasonLabels,
  statusIcons,
  statusLabels,
  verdictLine,
} from '../../../src/editor/validation/labels.ts';
import { check, report } from '../../fixtures/report.ts';

describe('validation labels', () => {
  it('show the verdict with its numbers', () => {
    assert.equal(
      verdictLine(report()),
      'Not ready: 63 of 100 with profile dev. Of 4 checks, 1 failed, 1 warned, 1 was skipped.',
    );
  });

  const counts: readonly [string, Parameters<typeof countsLine>[0], string][] = [
    ['one passed', [check('A')], 'All 1 check passed.'],
    ['all passed', [check('A'), check('B')], 'All 2 checks passed.'],
    ['skipped', [check('A', { status: 'skip' }), check('B', { status: 'skip' })], 'Of 2 checks, 2 were skipped.'],
    ['only failed', [check('A', { status: 'fail' })], 'Of 1 check, 1 failed.'],
  ];
  for (const [what, checks, text] of counts) {
    it(`count the checks of each status: ${what}`, () => assert.equal(countsLine(checks), text));
  }

  it('have a distinct label and icon for each status', () => {
    assert.equal(new Set(Object.values(statusLabels)).size, 4);
    assert.equal(new Set(Object.values(statusIcons).map(({ name }) => name)).size, 4);
  });

  it('show status, message and duration of a check in one line', () => {
    assert.equal(checkLine(check('A', { message: 'Two lines\nare one.' })), 'passed · Two lines · 12.0 ms');
    assert.equal(checkLine(check('A', { status: 'skip', durationNs: 0, message: 'No tool.' })), 'skipped · No tool.');
  });

  it('show why a check was skipped and the suggested timeout', () => {
    const skipped = check('A', { status: 'skip', skipReason: 'no_git', durationNs: 0 });
    assert.match(checkDetails(skipped), new RegExp(`skipped: ${skipReasonLabels.no_git}`));
    assert.match(checkDetails(skipped), /Not run\./);
    assert.match(checkDetails(check('A'), 3200), /Took 12\.0 ms\.[\s\S]*Suggested timeout: 3\.20 s\./);
  });

  it('list findings, steps and quick fix of a copied check', () => {
    const failed = report().checks.find(({ status }) => status === 'fail');
    assert.ok(failed);
    assert.equal(
      checkText(failed),
      [
        'WS_CONFLICTS: failed. 2 conflict markers are left in 1 file.',
        '  src/cart.ts:4: Conflict marker <<<<<<<.',
        '  src/cart.ts:9: Conflict marker >>>>>>>.',
        '  Resolve the conflict',
        '    - Open the file.',
        '    - Keep one side.',
        '    $ git mergetool',
      ].join('\n'),
    );
  });

  it('quote the arguments of a command for the shell', () => {
    assert.equal(commandText(['npm', 'install', '--save-dev']), 'npm install --save-dev');
    assert.equal(commandText(['git', 'rm', "it's; rm -rf ~", '']), `git rm 'it'\\''s; rm -rf ~' ''`);
  });
});
