/** Tests that the files of submodules and nested repositories are read, or that they are named as missing. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkspace, detect, writeFile } from './run-detection.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function git(folder: string, ...args: string[]): void {
  const options = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...options, ...args], { cwd: folder, stdio: 'pipe' });
}

function createRepository(files: Readonly<Record<string, string>>): string {
  const folder = createWorkspace(files);
  folders.push(folder);
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'first');
  return folder;
}

describe('detection in nested repositories', () => {
  it('reads the files of submodules, also of those inside of submodules', async () => {
    const innermost = createRepository({ 'deep.ts': 'deep();\n' });
    const library = createRepository({ 'lib.ts': 'lib();\n', '.gitignore': 'out.ts\n' });
    git(library, 'submodule', '--quiet', 'add', innermost, 'more/inner');
    git(library, 'commit', '-qm', 'second');
    const workspace = createRepository({ 'main.ts': 'main();\n' });
    git(workspace, 'submodule', '--quiet', 'add', library, 'vendor/lib.js');
    git(workspace, 'submodule', '--quiet', 'update', '--init', '--recursive');
    writeFile(workspace, 'vendor/lib.js/out.ts', 'ignored();\n');
    writeFile(workspace, 'vendor/lib.js/new.ts', 'untracked();\n');
    const { calls, stderr } = await detect({ workspace });
    assert.deepEqual(
      calls.map(({ file }) => file),
      ['main.ts', 'vendor/lib.js/lib.ts', 'vendor/lib.js/more/inner/deep.ts', 'vendor/lib.js/new.ts'],
    );
    assert.doesNotMatch(stderr, /not checked out/);
  });

  it('names a submodule that is not checked out', async () => {
    const library = createRepository({ 'lib.ts': 'lib();\n' });
    const origin = createRepository({ 'main.ts': 'main();\n' });
    git(origin, 'submodule', '--quiet', 'add', library, 'vendor/lib');
    git(origin, 'commit', '-qm', 'second');
    const workspace = createWorkspace({});
    folders.push(workspace);
    git(workspace, 'clone', '-q', origin, 'copy');
    const { calls, stderr } = await detect({ workspace: join(workspace, 'copy') });
    assert.deepEqual(
      calls.map(({ file }) => file),
      ['main.ts'],
    );
    assert.match(stderr, /not checked out, so not read: vendor\/lib /);
  });

  it('names a submodule of a submodule that is not checked out', async () => {
    const innermost = createRepository({ 'deep.ts': 'deep();\n' });
    const library = createRepository({ 'lib.ts': 'lib();\n' });
    git(library, 'submodule', '--quiet', 'add', innermost, 'more/inner');
    git(library, 'commit', '-qm', 'second');
    const workspace = createRepository({ 'main.ts': 'main();\n' });
    git(workspace, 'submodule', '--quiet', 'add', library, 'vendor/lib');
    const { calls, stderr } = await detect({ workspace });
    assert.deepEqual(
      calls.map(({ file }) => file),
      ['main.ts', 'vendor/lib/lib.ts'],
    );
    assert.match(stderr, /not checked out, so not read: vendor\/lib\/more\/inner /);
  });

  it('reads the files of an untracked repository in the workspace', async () => {
    const workspace = createRepository({ 'main.ts': 'main();\n' });
    writeFile(workspace, 'tools/other/a.ts', 'other();\n');
    writeFile(workspace, 'tools/other/sub/b.ts', 'sub();\n');
    git(join(workspace, 'tools/other'), 'init', '-q');
    git(join(workspace, 'tools/other'), 'add', '-A');
    git(join(workspace, 'tools/other'), 'commit', '-qm', 'first');
    const { calls } = await detect({ workspace });
    assert.deepEqual(
      calls.map(({ file }) => file),
      ['main.ts', 'tools/other/a.ts', 'tools/other/sub/b.ts'],
    );
  });
});
