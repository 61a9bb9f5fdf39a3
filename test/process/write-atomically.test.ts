import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
});
