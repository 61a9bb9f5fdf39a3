/** Checks that a Python program that looks for traces of the probe finds none. */
import { strict as assert } from 'node:assert';
import { assertUnnoticed } from './assert-unnoticed.ts';
import { findInterpreters, minorOf } from './interpreters.ts';
import { observers } from './observers.ts';

/** Minor versions of Python 3 whose collectors, tracers and import systems differ. */
const minorVersions = [8, 11, 12, 13];

describe('Python program that looks for the probe', () => {
  for (const { path, version } of findInterpreters()) {
    if (!minorVersions.includes(minorOf(version))) continue;
    describe(`in Python ${version}`, () => {
      for (const program of observers) {
        it(`sees the same with ${program.what}`, async () => {
          const received = await assertUnnoticed(path, program);
          const stopped = received.batches
            .flatMap(({ notices = [] }) => notices)
            .filter((text) => /stopped|report/.test(text));
          assert.deepEqual(stopped, []);
        });
      }
    });
  }
});
