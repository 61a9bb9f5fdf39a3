/** Checks that ask git, on planted repositories in every state that they speak of. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceChecks } from '../../../../../src/pipelines/validation/checks/workspace/workspace-checks.ts';
import type { Plant } from '../../planted-repository.ts';
import { casesOf } from '../check-cases.ts';

const row = (id: string) => workspaceChecks.find((check) => check.id === id);
const noGit = {
  what: 'skips without git',
  files: { 'a.txt': 'a\n' },
  options: { git: false },
  found: 'no_git',
} as const;

/** Two branches that changed the same line; the merge stops. */
function leaveMergeOpen(planted: Plant, file = 'a.txt'): void {
  planted.git('checkout', '--quiet', '-b', 'other');
  planted.put(file, 'theirs\n');
  planted.git('commit', '--quiet', '-am', 'theirs');
  planted.git('checkout', '--quiet', 'main');
  planted.put(file, 'ours\n');
  planted.git('commit', '--quiet', '-am', 'ours');
  stops(() => planted.git('merge', 'other'));
}

/** Git ends such a command with a code that says that it stopped. */
function stops(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
  throw new Error('git was to stop here');
}

const conflicted = 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n';

casesOf(row('WS_GIT_HEAD'), [
  {
    what: 'tells commit and branch',
    files: { 'a.txt': 'a' },
    found: 'pass',
    says: /^HEAD is [0-9a-f]{12} on main\.$/m,
  },
  {
    what: 'takes a commit without a branch',
    files: { 'a.txt': 'a' },
    arrange: ({ git }) => void git('checkout', '--quiet', '--detach'),
    found: 'pass',
    says: /on no branch/,
  },
  {
    what: 'finds a branch without a commit',
    files: { 'a.txt': 'a' },
    options: { git: false },
    arrange: ({ git }) => void git('init', '--quiet', '--initial-branch=main'),
    found: [],
    says: /The branch main has no commit yet\./,
  },
  noGit,
]);

casesOf(row('WS_GIT_CLEAN'), [
  {
    what: 'passes what is committed',
    files: { 'a.txt': 'a', '.gitignore': 'out\n' },
    options: { untracked: { 'out/b': 'b' } },
    found: 'pass',
  },
  {
    what: 'finds every kind of change',
    files: {
      'changed.txt': 'a',
      'with space.txt': 'b',
      'gone.txt': 'c',
      'old name.txt': 'long enough to be known again\n',
    },
    arrange: ({ put, git, root }) => {
      put('changed.txt', 'A');
      put('with space.txt', 'B');
      git('add', 'with space.txt');
      rmSync(join(root, 'gone.txt'));
      git('mv', 'old name.txt', 'new näme.txt');
      put('fresh/x.txt', 'x');
    },
    found: ['changed.txt', 'gone.txt', 'new näme.txt', 'with space.txt', 'fresh/'],
    says: /^5 paths are not committed \(3 changed, 1 renamed, 1 untracked\)\.$/m,
  },
  {
    what: 'tells how far it is from its upstream',
    files: { 'a.txt': 'a' },
    arrange: ({ git, put }) => {
      git('branch', 'base');
      git('branch', '--set-upstream-to=base');
      put('a.txt', 'b');
      git('commit', '--quiet', '-am', 'on');
    },
    found: 'pass',
    says: /1 ahead of and 0 behind base/,
  },
  {
    what: 'finds what a merge left',
    files: { 'a.txt': 'a\n' },
    arrange: (one) => leaveMergeOpen(one),
    found: ['a.txt'],
    says: /1 unmerged/,
  },
  noGit,
]);

casesOf(row('WS_CONFLICTS'), [
  { what: 'passes without', files: { 'a.txt': 'a\n=======\nb\n' }, found: 'pass' },
  {
    what: 'finds what git has as unmerged',
    files: { 'a.txt': 'a\n' },
    arrange: (one) => leaveMergeOpen(one),
    found: ['a.txt'],
  },
  {
    what: 'finds marks that were committed',
    files: { 'a.sh': conflicted, 'b.ts': conflicted },
    found: ['a.sh:2', 'b.ts:2'],
  },
  {
    what: 'finds them with CRLF and in the style of diff3',
    files: { 'a.cfg': conflicted.replace('=======', '||||||| base\nx\n=======').replaceAll('\n', '\r\n') },
    found: ['a.cfg:2'],
  },
  {
    what: 'finds them in a test that does not parse',
    files: { 'test/a.test.ts': conflicted },
    found: ['test/a.test.ts:2'],
  },
  {
    what: 'leaves what only shows them',
    files: {
      'merge.test.ts': `const text = \`\n${conflicted}\`;\n`,
      'src/merge.py': `text = """\n${conflicted}"""\n`,
      'README.md': conflicted,
      'fix.patch': conflicted,
      'test/fixtures/x.txt': conflicted,
      'title.rst': '<<<<<<< a\n=======\nText\n',
      'half.txt': '>>>>>>> quoted\n<<<<<<< quoted\n',
    },
    found: 'pass',
  },
  noGit,
]);

casesOf(row('WS_IN_PROGRESS'), [
  { what: 'passes without', files: { 'a.txt': 'a\n' }, found: 'pass' },
  {
    what: 'finds a merge',
    files: { 'a.txt': 'a\n' },
    arrange: (one) => leaveMergeOpen(one),
    found: [],
    says: /middle of a merge/,
  },
  {
    what: 'finds a cherry-pick and a bisection',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => {
      leaveMergeOpen(planted);
      planted.git('merge', '--abort');
      stops(() => planted.git('cherry-pick', 'other'));
      planted.git('bisect', 'start');
    },
    found: [],
    says: /a cherry-pick and a bisection/,
  },
  {
    what: 'finds a rebase',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => {
      leaveMergeOpen(planted);
      planted.git('merge', '--abort');
      stops(() => planted.git('rebase', 'other'));
    },
    found: [],
    says: /a rebase/,
  },
  {
    what: 'looks where a linked worktree keeps them',
    files: { 'a.txt': 'a\n' },
    arrange: ({ git, root, put }) => {
      // The plant itself becomes a worktree of another repository.
      const elsewhere = `${root}-main`;
      git('clone', '--quiet', root, elsewhere);
      rmSync(join(root, '.git'), { recursive: true });
      rmSync(join(root, 'a.txt'));
      git('-C', elsewhere, 'worktree', 'add', '--quiet', '-b', 'linked', root);
      put('a.txt', 'ours\n');
      git('commit', '--quiet', '-am', 'ours');
      writeFileSync(join(elsewhere, 'a.txt'), 'theirs\n');
      git('-C', elsewhere, 'commit', '--quiet', '-am', 'theirs');
      stops(() => git('merge', 'main'));
      process.once('exit', () => rmSync(elsewhere, { recursive: true, force: true }));
    },
    found: [],
    says: /middle of a merge/,
  },
  noGit,
]);

casesOf(row('WS_FSCK'), [
  { what: 'passes a whole repository', files: { 'a.txt': 'a\n' }, found: 'pass' },
  {
    what: 'finds a missing object',
    files: { 'a.txt': 'a\n' },
    arrange: ({ git, root }) => {
      const blob = git('rev-parse', 'HEAD:a.txt').trim();
      rmSync(join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    },
    found: [],
    says: /missing blob/,
  },
  noGit,
]);

casesOf(row('WS_SYMLINKS'), [
  {
    what: 'passes links that stay',
    files: { 'a/b.txt': 'b', 'a/up': { link: '../c' }, c: 'c', dangling: { link: 'dist/later' } },
    found: 'pass',
    says: /^2 tracked links/,
  },
  {
    what: 'finds links that leave',
    files: {
      'a/up': { link: '../../x' },
      absolute: { link: '/etc/passwd' },
      'test/fixtures/bad': { link: '/etc' },
      fine: { link: 'a/..' },
    },
    found: ['a/up', 'absolute'],
    says: /^2 of 3 tracked links/,
  },
  {
    what: 'leaves links that git ignores',
    files: { '.gitignore': 'x\n', x: { link: '/etc' } },
    found: 'pass',
    says: /No link is tracked/,
  },
  noGit,
]);

const large = 'x'.repeat(5_000_001);
const hasLfs = spawnSync('git', ['lfs', 'version']).status === 0;

casesOf(row('WS_LARGE_FILES'), [
  { what: 'passes small ones', files: { 'a.bin': 'x'.repeat(5_000_000) }, found: 'pass' },
  {
    what: 'finds large ones',
    files: { 'a.bin': large, 'b c.bin': `${large}x` },
    found: ['b c.bin', 'a.bin'],
    says: /5\.0 MB/,
  },
  {
    what: `leaves those of LFS (git lfs is ${hasLfs ? '' : 'not '}here)`,
    files: { 'a.bin': large, 'b.dat': large },
    arrange: ({ put }) => put('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n'),
    found: ['b.dat'],
  },
  noGit,
]);

casesOf(row('WS_EOL'), [
  { what: 'passes files of one kind', files: { 'a.txt': 'a\nb\n', 'b.txt': 'a\r\nb\r\n' }, found: 'pass' },
  {
    what: 'finds both kinds in one',
    files: {
      'a b.txt': 'a\nb\r\n',
      'bin.dat': new Uint8Array([0, 10, 13, 10]),
      'kept.txt': 'a\nb\r\n',
      '.gitattributes': 'kept.txt -text\n',
    },
    found: ['a b.txt'],
  },
  noGit,
]);

casesOf(row('WS_IGNORED_TRACKED'), [
  { what: 'passes without', files: { 'a.txt': 'a', '.gitignore': 'out\n' }, found: 'pass' },
  {
    what: 'finds what was added before or against a rule',
    files: { 'a.log': 'a', 'out/.gitkeep': '', 'out/x.js': '', 'test/out/y.js': '' },
    arrange: ({ put, git }) => {
      put('.gitignore', '*.log\nout\n');
      put('.git/info/exclude', '*.txt\n');
      put('mine.txt', '');
      git('add', '--force', '.gitignore', 'mine.txt');
    },
    found: ['a.log', 'out/x.js'],
  },
  noGit,
]);
