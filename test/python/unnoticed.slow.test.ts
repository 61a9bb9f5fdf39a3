/** Checks that a Python program with the probe prints and returns exactly what it does without. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findInterpreters, minorOf } from './interpreters.ts';
import { runPlain, runProfiled } from './profiled-python.ts';
import { programs, type UnnoticedProgram } from './programs.ts';

function createFolder(program: UnnoticedProgram): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'unnoticed-')));
  for (const [path, text] of Object.entries(program.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function assertUnnoticed(python: string, program: UnnoticedProgram): Promise<void> {
  const folder = createFolder(program);
  try {
    const args = program.args ?? ['main.py'];
    const options = { cwd: folder, input: program.input ?? '', env: { PYTHONDONTWRITEBYTECODE: '1', ...program.env } };
    const plain = await runPlain(python, args, options);
    const { received, ...profiled } = await runProfiled(python, args, options);
    assert.deepEqual(profiled, plain, program.what);
    assert.deepEqual(received.errors, [], program.what);
    assert.ok(
      plain.stdout + plain.stderr !== '' || plain.code !== 0 || plain.signal,
      `${program.what} has no effect to compare`,
    );
    if (program.expectedFunction) assert.ok(received.totalOf(program.expectedFunction).count > 0, program.what);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Python program with the probe', () => {
  for (const { path, version } of findInterpreters()) {
    describe(`in Python ${version}`, () => {
      for (const program of programs) {
        if (minorOf(version) < (program.minMinorVersion ?? 0)) continue;
        it(`behaves the same with ${program.what}`, () => assertUnnoticed(path, program));
      }
    });
  }
});
