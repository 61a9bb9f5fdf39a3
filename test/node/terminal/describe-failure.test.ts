import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../../src/core/human-error.ts';
import { describeFailure } from '../../../src/node/terminal/start/describe-failure.ts';

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('no error');
}

describe('describeFailure', () => {
  const failures: readonly [string, unknown, RegExp][] = [
    ['an error for the user', new HumanError('No folder. Select one.'), /^No folder\. Select one\.$/],
    ['a missing file', errorOf(() => readFileSync(join(tmpdir(), 'gone/x'))), /gone\/x: It does not exist\. Check/],
    ['a folder instead of a file', errorOf(() => readFileSync(tmpdir())), /It is a folder\. Choose a file\.$/],
    ['a file instead of a folder', errorOf(() => readdirSync(import.meta.filename)), /not a folder/],
    [
      'a full disk',
      Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' }),
      /^No space is left on the device\. Free/,
    ],
    [
      'a current folder that has gone',
      Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'uv_cwd' }),
      /^The current folder no longer/,
    ],
    ['a value that is not an error', 'text', /^text$/],
  ];
  for (const [what, error, expected] of failures) {
    it(`describes ${what} in one line`, () => {
      const text = describeFailure(error);
      assert.match(text, expected);
      assert.ok(!text.includes('\n'));
    });
  }

  it('keeps the stack of an unexpected error', () => {
    assert.match(describeFailure(new TypeError('broken')), /^TypeError: broken\n +at /);
  });
});
