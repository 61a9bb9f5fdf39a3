/** Runs a program without and with the probe and compares everything that it shows. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ReceivedBatches, runPlain, runProfiled } from './profiled-python.ts';
import type { UnnoticedProgram } from './programs.ts';

/** Creates a temporary folder with these files, by path, and returns its real path. */
export function createFolder(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'unnoticed-')));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Fails unless a program behaves the same with the probe. Returns what the probe has sent. */
export async function assertUnnoticed(python: string, program: UnnoticedProgram): Promise<ReceivedBatches> {
  const folders = [createFolder(program.files), createFolder(program.files)] as const;
  try {
    const args = program.args ?? ['main.py'];
    const options = { input: program.input ?? '', env: { PYTHONDONTWRITEBYTECODE: '1', ...program.env } };
    const plain = await runPlain(python, args, { ...options, cwd: folders[0] });
    const { received, ...profiled } = await runProfiled(python, args, { ...options, cwd: folders[1] });
    const withoutFolder = (text: string): string => text.replaceAll(folders[1], folders[0]);
    const { stdout, stderr } = profiled;
    assert.deepEqual(
      { ...profiled, stdout: withoutFolder(stdout), stderr: withoutFolder(stderr) },
      plain,
      program.what,
    );
    assert.deepEqual(received.errors, [], program.what);
    assert.ok(
      plain.stdout + plain.stderr !== '' || plain.code !== 0 || plain.signal,
      `${program.what} has no effect to compare`,
    );
    if (program.expectedFunction) assert.ok(received.totalOf(program.expectedFunction).count > 0, program.what);
    return received;
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}
