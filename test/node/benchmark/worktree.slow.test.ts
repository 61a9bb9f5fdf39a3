/** Checks out other commits of real repositories and verifies that no files are left behind. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOut, findMergeBase, installers, resolveCommit } from '../../../src/node/benchmark/worktree.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const lockFile = (version: string): string =>
  JSON.stringify({ name: 'r', version, lockfileVersion: 3, requires: true, packages: { '': { name: 'r', version } } });

describe('checkOut', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let root: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
  const write = (file: string, text: string) => writeFileSync(join(root, file), text);
  const worktreeFolders = () => readdirSync(realpathSync(tmpdir())).filter((name) => name.startsWith('pipescope-ref-'));

  // A temporary folder of its own, because other test files that run at the same time check out commits too.
  let ownTemporary: ReturnType<typeof createTemporaryFolder>;
  let systemTemporary: string | undefined;
  before(() => {
    ownTemporary = createTemporaryFolder();
    systemTemporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = ownTemporary.path;
  });
  after(() => {
    if (systemTemporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = systemTemporary;
    ownTemporary.done();
  });

  beforeEach(() => {
    temporary = createTemporaryFolder();
    root = temporary.path;
    git('init', '-q', '-b', 'main');
    mkdirSync(join(root, 'part'));
    write('part/a.txt', 'one');
    write('package.json', '{"name":"r","version":"1.0.0"}');
    write('package-lock.json', lockFile('1.0.0'));
    write('.gitignore', 'node_modules\n');
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'work');
    write('part/a.txt', 'two');
    git('commit', '-qam', 'two');
  });
  afterEach(() => temporary.done());

  it('checks out the commit regardless of the working tree and removes it afterwards', async () => {
    write('part/a.txt', 'not committed');
    const before = worktreeFolders();
    const tree = await checkOut(root, 'main');
    assert.equal(readFileSync(join(tree.folder, 'part/a.txt'), 'utf8'), 'one');
    assert.equal(tree.commit, git('rev-parse', 'main'));
    await tree.remove();
    assert.ok(!existsSync(tree.folder));
    assert.deepEqual(worktreeFolders(), before);
    assert.equal(git('worktree', 'list').split('\n').length, 1);
    assert.equal(readFileSync(join(root, 'part/a.txt'), 'utf8'), 'not committed');
  });

  it('returns the matching subfolder if the workspace is not the repository root', async () => {
    const tree = await checkOut(join(root, 'part'), 'main');
    assert.equal(readFileSync(join(tree.folder, 'a.txt'), 'utf8'), 'one');
    await tree.remove();
  });

  it('shares installed dependencies if the lock file is unchanged', async () => {
    mkdirSync(join(root, 'node_modules'));
    const tree = await checkOut(root, 'main');
    assert.match(tree.prepared, /node_modules shared/);
    assert.ok(lstatSync(join(tree.folder, 'node_modules')).isSymbolicLink());
    await tree.remove();
    assert.ok(existsSync(join(root, 'node_modules')), 'the shared folder was deleted');
  });

  it('installs the dependencies if the lock file differs', async () => {
    mkdirSync(join(root, 'node_modules'));
    write('package-lock.json', lockFile('2.0.0'));
    const tree = await checkOut(root, 'main');
    assert.match(tree.prepared, /dependencies installed with npm ci/);
    await tree.remove();
  });

  it('runs a custom install command', async () => {
    const tree = await checkOut(root, 'main', { install: ['node', '-e', 'fs.writeFileSync("made", "")'] });
    assert.ok(existsSync(join(tree.folder, 'made')));
    await tree.remove();
  });

  const failures: readonly [string, Parameters<typeof checkOut>, RegExp][] = [
    ['an unknown ref', ['', 'nowhere'], /No commit “nowhere” found.*Specify a branch/],
    ['a ref that looks like an option', ['', '--help'], /No commit/],
    [
      'an install command that fails',
      ['', 'main', { install: ['node', '-e', 'console.error("no net"); process.exit(3)'] }],
      /failed \(exit code 3\): no net/,
    ],
    [
      'an install command that does not exist',
      ['', 'main', { install: ['no-such-program'] }],
      /Program not found: “no-such-program”/,
    ],
  ];
  for (const [what, [, ref, options], message] of failures) {
    it(`rejects ${what} and leaves no files behind`, async () => {
      const before = worktreeFolders();
      await assert.rejects(checkOut(root, ref, options), { name: 'HumanError', message });
      assert.deepEqual(worktreeFolders(), before);
      assert.equal(git('worktree', 'list').split('\n').length, 1);
    });
  }

  it('removes the worktree if it is cancelled during the installation', async () => {
    const controller = new AbortController();
    const before = worktreeFolders();
    const checkedOut = checkOut(root, 'main', {
      install: ['node', '-e', 'setTimeout(() => undefined, 60000)'],
      signal: controller.signal,
      onProgress: (what) => what.startsWith('node') && setTimeout(() => controller.abort(new Error('cancelled')), 200),
    });
    await assert.rejects(checkedOut, /cancelled/);
    assert.deepEqual(worktreeFolders(), before);
  });

  it('resolves the merge base and refs to commits', async () => {
    assert.equal(await findMergeBase(root), git('rev-parse', 'main'));
    assert.equal(await resolveCommit(root, 'main~0'), git('rev-parse', 'main'));
    assert.equal(await resolveCommit(root, '--all'), undefined);
  });

  it('knows a lock file, a command and a target folder for each package manager', () => {
    assert.ok(installers.length >= 7);
    for (const { lock, argv, into } of installers) {
      assert.match(lock, /lock|shrinkwrap/);
      assert.ok(argv.length >= 2 && into.length > 0, lock);
    }
  });
});
