/** A program with the guest in it writes, says and ends byte for byte as without. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runAlone, runGuest } from './guest.ts';
import { interpreters, minorOf } from './interpreters.ts';
import { type Program, programs } from './programs.ts';

function folderOf(program: Program): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'unseen-')));
  for (const [path, text] of Object.entries(program.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function compare(python: string, program: Program): Promise<void> {
  const folder = folderOf(program);
  try {
    const args = program.args ?? ['main.py'];
    const options = { cwd: folder, input: program.input ?? '', env: { PYTHONDONTWRITEBYTECODE: '1', ...program.env } };
    const alone = await runAlone(python, args, options);
    const { heard, ...guest } = await runGuest(python, args, options);
    assert.deepEqual(guest, alone, program.what);
    assert.deepEqual(heard.faults, [], program.what);
    assert.ok(alone.stdout + alone.stderr !== '' || alone.code !== 0 || alone.signal, `${program.what} shows nothing`);
    if (program.hears) assert.ok(heard.of(program.hears).count > 0, program.what);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a Python program with the guest in it', () => {
  for (const { path, version } of interpreters()) {
    describe(`by Python ${version}`, () => {
      for (const program of programs) {
        if (minorOf(version) < (program.since ?? 0)) continue;
        it(`${program.what} is as without`, () => compare(path, program));
      }
    });
  }
});
