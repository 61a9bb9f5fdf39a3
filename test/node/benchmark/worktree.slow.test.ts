/** Checks out other commits of real repositories, and looks at what is left behind. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOut, commitOf, installers, mergeBase } from '../../../src/node/benchmark/worktree.ts';
import { folder } from '../../fixtures/pipeline.ts';

const lockOf = (version: string): string =>
  JSON.stringify({ name: 'r', version, lockfileVersion: 3, requires: true, packages: { '': { name: 'r', version } } });

describe('a worktree', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof folder>;
  let root: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
  const write = (file: string, text: string) => writeFileSync(join(root, file), text);
  const left = () => readdirSync(realpathSync(tmpdir())).filter((name) => name.startsWith('pipescope-ref-'));

  beforeEach(() => {
    temporary = folder();
    root = temporary.path;
    git('init', '-q', '-b', 'main');
    mkdirSync(join(root, 'part'));
    write('part/a.txt', 'one');
    write('package.json', '{"name":"r","version":"1.0.0"}');
    write('package-lock.json', lockOf('1.0.0'));
    write('.gitignore', 'node_modules\n');
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'work');
    write('part/a.txt', 'two');
    git('commit', '-qam', 'two');
  });
  afterEach(() => temporary.done());

  it('is the commit that was named, whatever the working tree is, and is gone afterwards', async () => {
    write('part/a.txt', 'not committed');
    const before = left();
    const tree = await checkOut(root, 'main');
    assert.equal(readFileSync(join(tree.folder, 'part/a.txt'), 'utf8'), 'one');
    assert.equal(tree.commit, git('rev-parse', 'main'));
    await tree.remove();
    assert.ok(!existsSync(tree.folder));
    assert.deepEqual(left(), before);
    assert.equal(git('worktree', 'list').split('\n').length, 1);
    assert.equal(readFileSync(join(root, 'part/a.txt'), 'utf8'), 'not committed');
  });

  it('stands for a folder of the repository where that is the workspace', async () => {
    const tree = await checkOut(join(root, 'part'), 'main');
    assert.equal(readFileSync(join(tree.folder, 'a.txt'), 'utf8'), 'one');
    await tree.remove();
  });

  it('shares what is installed where the lock is the same', async () => {
    mkdirSync(join(root, 'node_modules'));
    const tree = await checkOut(root, 'main');
    assert.match(tree.prepared, /node_modules shared/);
    assert.ok(lstatSync(join(tree.folder, 'node_modules')).isSymbolicLink());
    await tree.remove();
    assert.ok(existsSync(join(root, 'node_modules')), 'what was shared is gone');
  });

  it('installs what its own lock says where that is another', async () => {
    mkdirSync(join(root, 'node_modules'));
    write('package-lock.json', lockOf('2.0.0'));
    const tree = await checkOut(root, 'main');
    assert.match(tree.prepared, /installed by npm ci/);
    await tree.remove();
  });

  it('is prepared by a command of the person’s own', async () => {
    const tree = await checkOut(root, 'main', { install: ['node', '-e', 'fs.writeFileSync("made", "")'] });
    assert.ok(existsSync(join(tree.folder, 'made')));
    await tree.remove();
  });

  const faults: readonly [string, Parameters<typeof checkOut>, RegExp][] = [
    ['a ref that is none', ['', 'nowhere'], /no commit “nowhere”.*Name a branch/],
    ['what would be an option', ['', '--help'], /no commit/],
    [
      'a command that fails',
      ['', 'main', { install: ['node', '-e', 'console.error("no net"); process.exit(3)'] }],
      /failed \(exit 3\): no net/,
    ],
    ['a command that is not there', ['', 'main', { install: ['no-such-program'] }], /no program “no-such-program”/],
  ];
  for (const [what, [, ref, options], message] of faults) {
    it(`says what is wrong with ${what}, and leaves nothing behind`, async () => {
      const before = left();
      await assert.rejects(checkOut(root, ref, options), { name: 'HumanError', message });
      assert.deepEqual(left(), before);
      assert.equal(git('worktree', 'list').split('\n').length, 1);
    });
  }

  it('is removed when it is cancelled while it is prepared', async () => {
    const end = new AbortController();
    const before = left();
    const checkedOut = checkOut(root, 'main', {
      install: ['node', '-e', 'setTimeout(() => undefined, 60000)'],
      signal: end.signal,
      onProgress: (what) => what.startsWith('node') && setTimeout(() => end.abort(new Error('enough')), 200),
    });
    await assert.rejects(checkedOut, /enough/);
    assert.deepEqual(left(), before);
  });

  it('can be of the merge base', async () => {
    assert.equal(await mergeBase(root), git('rev-parse', 'main'));
    assert.equal(await commitOf(root, 'main~0'), git('rev-parse', 'main'));
    assert.equal(await commitOf(root, '--all'), undefined);
  });

  it('has a row for each way to install, with a lock, a program and where it installs', () => {
    assert.ok(installers.length >= 7);
    for (const { lock, words, into } of installers) {
      assert.match(lock, /lock|shrinkwrap/);
      assert.ok(words.length >= 2 && into.length > 0, lock);
    }
  });
});
