/** Checks that a Python program with the probe prints and returns exactly what it does without. */
import { assertUnnoticed } from './assert-unnoticed.ts';
import { findInterpreters, minorOf } from './interpreters.ts';
import { programs } from './programs.ts';

describe('Python program with the probe', () => {
  for (const { path, version } of findInterpreters()) {
    describe(`in Python ${version}`, () => {
      for (const program of programs) {
        if (minorOf(version) < (program.minMinorVersion ?? 0)) continue;
        it(`behaves the same with ${program.what}`, async () => {
          await assertUnnoticed(path, program);
        });
      }
    });
  }
});
