/** A test module with a failing test. The launcher must report the failure. */
import assert from 'node:assert/strict';
import { runMocha } from './mocha.ts';

export function run(): Promise<void> {
  return runMocha(async () => {
    describe('a test module', () => {
      it('fails', () => assert.fail('a planted failure'));
    });
  });
}
