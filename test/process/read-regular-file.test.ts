import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempDisposableSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRegularFile, readRegularText } from '../../src/process/read-regular-file.ts';

const isPosix = process.platform !== 'win32';

describe('readRegularFile', () => {
  let folder: ReturnType<typeof mkdtempDisposableSync>;
  beforeEach(() => {
    folder = mkdtempDisposableSync(join(tmpdir(), 'pipescope-read-'));
  });
  afterEach(() => folder.remove());
  const pathOf = (name: string): string => join(folder.path, name);
  const problemOf = (name: string, maxBytes = 1000, inside?: string): string | undefined => {
    const read = readRegularFile(pathOf(name), { maxBytes, ...(inside === undefined ? {} : { inside }) });
    return read.kind === 'refused' ? read.problem : undefined;
  };

  it('returns the content of a regular file, also of an empty one and through a link', () => {
    writeFileSync(pathOf('a'), 'some text');
    writeFileSync(pathOf('empty'), '');
    symlinkSync('a', pathOf('link'));
    assert.equal(readRegularText(pathOf('a'), { maxBytes: 9 }), 'some text');
    assert.equal(readRegularText(pathOf('link'), { maxBytes: 9, inside: folder.path }), 'some text');
    assert.equal(readRegularText(pathOf('empty'), { maxBytes: 9 }), '');
  });

  it('reports a missing file, a dangling link and a path below a file as missing', () => {
    writeFileSync(pathOf('a'), '');
    symlinkSync('nowhere', pathOf('dangling'));
    for (const name of ['none', 'dangling', 'a/b']) {
      assert.deepEqual(readRegularFile(pathOf(name), { maxBytes: 9, inside: folder.path }), { kind: 'missing' });
    }
  });

  it('refuses a file that is larger than the limit, by its size and while reading', () => {
    writeFileSync(pathOf('a'), 'x'.repeat(11));
    assert.match(problemOf('a', 10) ?? '', /larger than/);
    writeFileSync(pathOf('sparse'), '');
    truncateSync(pathOf('sparse'), 2 ** 40);
    assert.match(problemOf('sparse', 1e6) ?? '', /is larger than 1 MB/);
  });

  if (isPosix) {
    it('refuses devices, pipes, sockets, folders and loops of links at once', async () => {
      execFileSync('mkfifo', [pathOf('pipe')]);
      mkdirSync(pathOf('folder'));
      symlinkSync('/dev/zero', pathOf('zero'));
      symlinkSync('pipe', pathOf('linked-pipe'));
      symlinkSync('loop', pathOf('loop'));
      const server = createServer().listen(pathOf('socket'));
      await new Promise((resolve) => server.once('listening', resolve));
      try {
        for (const name of ['pipe', 'folder', 'zero', 'linked-pipe', 'socket']) {
          assert.equal(problemOf(name), 'is not a regular file', name);
        }
        assert.match(problemOf('loop') ?? '', /ELOOP/);
      } finally {
        server.close();
      }
    });

    it('refuses a link that leads out of the folder, also through a linked folder', () => {
      using outside = mkdtempDisposableSync(join(tmpdir(), 'pipescope-outside-'));
      writeFileSync(join(outside.path, 'secret'), 'x');
      symlinkSync(join(outside.path, 'secret'), pathOf('link'));
      symlinkSync(outside.path, pathOf('folder'));
      for (const name of ['link', 'folder/secret', '../secret']) {
        if (name.startsWith('..')) writeFileSync(pathOf(name), 'x');
        assert.match(problemOf(name, 9, folder.path) ?? '', /outside of its folder/, name);
        if (name.startsWith('..')) rmSync(pathOf(name));
      }
      assert.equal(readRegularText(pathOf('link'), { maxBytes: 9 }), 'x');
    });
  }

  if (process.platform === 'linux') {
    it('reads a file whose size is stated as zero up to the limit', () => {
      const file = '/proc/self/maps';
      const read = readRegularFile(file, { maxBytes: 1e6 });
      assert.ok(read.kind === 'content' && read.bytes.length > 100);
      assert.equal(readRegularFile(file, { maxBytes: 100 }).kind, 'refused');
    });
  }
});
