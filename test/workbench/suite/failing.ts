/** A test module that fails: the launcher has to say so. */
import assert from 'node:assert/strict';
import { runMocha } from './mocha.ts';

export function run(): Promise<void> {
  return runMocha(async () => {
    describe('a test module', () => {
      it('fails', () => assert.fail('a planted failure'));
    });
  });
}
