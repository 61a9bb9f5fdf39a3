import { strict as assert } from 'node:assert';
import { chmodSync, mkdirSync, mkdtempDisposableSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTemporaryFolder, maxSocketPathBytes } from '../../../src/node/storage/temporary-folder.ts';

describe('createTemporaryFolder', () => {
  const previous = process.env['TMPDIR'];
  afterEach(() => {
    if (previous === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = previous;
  });

  it('creates a private folder in the temporary folder of the system', function () {
    if (process.platform === 'win32') this.skip();
    using parent = mkdtempDisposableSync(join(tmpdir(), 'pipescope-temporary-'));
    process.env['TMPDIR'] = parent.path;
    const folder = createTemporaryFolder('a-');
    assert.equal(dirname(folder), parent.path);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  const unusable: readonly [string, (parent: string) => string][] = [
    ['is missing', (parent) => join(parent, 'gone')],
    ['is a file', (parent) => createFile(join(parent, 'file'))],
    ['is read-only', (parent) => createReadOnly(join(parent, 'read-only'))],
    ['has a path that is too long for a socket', (parent) => createLong(parent)],
  ];
  for (const [what, create] of unusable) {
    it(`uses another folder if that one ${what}`, function () {
      if (process.platform === 'win32') this.skip();
      using parent = mkdtempDisposableSync(join(tmpdir(), 'pipescope-temporary-'));
      const path = create(parent.path);
      process.env['TMPDIR'] = path;
      const folder = createTemporaryFolder('a-', { maxPathBytes: maxSocketPathBytes, env: {} });
      try {
        assert.notEqual(dirname(folder), path);
        assert.equal(statSync(folder).mode & 0o777, 0o700);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('says what to do if no folder can be used', () => {
    assert.throws(() => createTemporaryFolder('a-', { maxPathBytes: 3 }), /Set TMPDIR/);
  });
});

function createFile(path: string): string {
  writeFileSync(path, '');
  return path;
}

function createReadOnly(path: string): string {
  // The superuser may write to a folder without permission to write, but nobody may create a folder in /proc.
  if (process.getuid?.() === 0) return '/proc';
  mkdirSync(path);
  chmodSync(path, 0o500);
  return path;
}

function createLong(parent: string): string {
  const path = join(parent, 'x'.repeat(120));
  mkdirSync(path);
  return path;
}
