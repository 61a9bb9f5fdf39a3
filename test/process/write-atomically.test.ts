import { strict as assert } from 'node:assert';
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeAtomically } from '../../src/process/write-atomically.ts';

describe('writeAtomically', () => {
  it('replaces the content and creates missing folders', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'pipescope-write-'));
    const file = join(folder.path, 'a/b.json');
    writeAtomically(file, 'old');
    writeAtomically(file, 'new');
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.deepEqual(readdirSync(join(folder.path, 'a')), ['b.json']);
  });

  it('keeps the old content and leaves no temporary file if the file cannot be replaced', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'pipescope-write-'));
    const file = join(folder.path, 'taken');
    mkdirSync(file);
    writeFileSync(join(file, 'inside'), 'x');
    assert.throws(() => writeAtomically(file, 'new'));
    assert.ok(existsSync(join(file, 'inside')));
    assert.deepEqual(readdirSync(folder.path), ['taken']);
  });

  it('keeps the permissions of a file and a link to it', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'pipescope-write-'));
    const [file, link] = [join(folder.path, 'file'), join(folder.path, 'link')];
    writeFileSync(file, 'old', { mode: 0o600 });
    symlinkSync('file', link);
    writeAtomically(link, 'new');
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(file, 'utf8'), 'new');
    if (process.platform !== 'win32') assert.equal(lstatSync(file).mode & 0o777, 0o600);
  });

  it('writes a file whose name is as long as the file system allows', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'pipescope-write-'));
    const file = join(folder.path, 'x'.repeat(255));
    writeAtomically(file, 'new');
    assert.equal(readFileSync(file, 'utf8'), 'new');
  });

  if (process.platform !== 'win32') {
    it('writes into a pipe instead of replacing it', async () => {
      using folder = mkdtempDisposableSync(join(tmpdir(), 'pipescope-write-'));
      const pipe = join(folder.path, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const reading = promisify(execFile)('cat', [pipe]);
      writeAtomically(pipe, 'new');
      assert.equal((await reading).stdout, 'new');
      assert.ok(lstatSync(pipe).isFIFO());
    });
  }
});
