/** Tests the checks that query git on repositories in every state they distinguish. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceChecks } from '../../../../../src/pipelines/validation/checks/workspace/workspace-checks.ts';
import type { PlantedRepository } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';

const row = (id: string) => workspaceChecks.find((check) => check.id === id);
const noGit = {
  title: 'skips without git',
  files: { 'a.txt': 'a\n' },
  options: { git: false },
  expected: 'no_git',
} as const;

/** Changes the same line on two branches and merges them, which leaves a conflict. */
function leaveMergeOpen(planted: PlantedRepository, file = 'a.txt'): void {
  planted.git('checkout', '--quiet', '-b', 'other');
  planted.put(file, 'theirs\n');
  planted.git('commit', '--quiet', '-am', 'theirs');
  planted.git('checkout', '--quiet', 'main');
  planted.put(file, 'ours\n');
  planted.git('commit', '--quiet', '-am', 'ours');
  expectStop(() => planted.git('merge', 'other'));
}

/** Runs a git command that must stop at a conflict and exit with an error code. */
function expectStop(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
  throw new Error('git did not stop at a conflict');
}

const conflict = '<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n';
const conflicted = 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n';

testCheck(row('WS_GIT_HEAD'), [
  {
    title: 'shows the commit and the branch',
    files: { 'a.txt': 'a' },
    expected: 'pass',
    message: /^HEAD is [0-9a-f]{12} on main\.$/m,
  },
  {
    title: 'accepts a detached HEAD',
    files: { 'a.txt': 'a' },
    arrange: ({ git }) => void git('checkout', '--quiet', '--detach'),
    expected: 'pass',
    message: /\(detached\)/,
  },
  {
    title: 'reports a branch without commits',
    files: { 'a.txt': 'a' },
    options: { git: false },
    arrange: ({ git }) => void git('init', '--quiet', '--initial-branch=main'),
    expected: [],
    message: /Branch main has no commits yet\./,
  },
  noGit,
]);

testCheck(row('WS_GIT_CLEAN'), [
  {
    title: 'passes if everything is committed',
    files: { 'a.txt': 'a', '.gitignore': 'out\n' },
    options: { untracked: { 'out/b': 'b' } },
    expected: 'pass',
  },
  {
    title: 'reports every kind of change',
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
    expected: ['changed.txt', 'gone.txt', 'new näme.txt', 'with space.txt', 'fresh/'],
    message: /^5 uncommitted paths \(3 changed, 1 renamed, 1 untracked\)\.$/m,
  },
  {
    title: 'shows the distance from the upstream branch',
    files: { 'a.txt': 'a' },
    arrange: ({ git, put }) => {
      git('branch', 'base');
      git('branch', '--set-upstream-to=base');
      put('a.txt', 'b');
      git('commit', '--quiet', '-am', 'on');
    },
    expected: 'pass',
    message: /1 ahead of and 0 behind base/,
  },
  {
    title: 'reports files with unresolved conflicts as unmerged',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => leaveMergeOpen(planted),
    expected: ['a.txt'],
    message: /1 unmerged/,
  },
  noGit,
]);

testCheck(row('WS_CONFLICTS'), [
  { title: 'passes a lone separator line', files: { 'a.txt': 'a\n=======\nb\n' }, expected: 'pass' },
  {
    title: 'reports files that git lists as unmerged',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => leaveMergeOpen(planted),
    expected: ['a.txt'],
  },
  {
    title: 'reports committed conflict markers',
    files: { 'a.sh': conflicted, 'b.ts': conflicted },
    expected: ['a.sh:2', 'b.ts:2'],
  },
  {
    title: 'recognizes markers with CRLF and in diff3 style',
    files: { 'a.cfg': conflicted.replace('=======', '||||||| base\nx\n=======').replaceAll('\n', '\r\n') },
    expected: ['a.cfg:2'],
  },
  {
    title: 'reports markers in a test that does not parse',
    files: { 'test/a.test.ts': conflicted },
    expected: ['test/a.test.ts:2'],
  },
  {
    title: 'reports conflicts in documents and other texts',
    files: {
      'README.md': `# A\n\n${conflict}`,
      'docs/notes.txt': `Notes\n${conflict}`,
      'docs/a.rst': conflict,
      'a.adoc': `----\nquoted\n----\n${conflict}`,
    },
    expected: ['README.md:3', 'a.adoc:4', 'docs/a.rst:1', 'docs/notes.txt:2'],
  },
  {
    title: 'ignores documents that explain conflicts, and patches',
    files: {
      'README.md': `Text\n\n\`\`\`diff\n${conflict}\`\`\`\n`,
      'a.adoc': `----\n${conflict}----\n`,
      'guide.txt': `Git writes both versions of a conflict between markers:\n\n${conflict}`,
      'a.patch': conflict,
      'page.html': `<pre>\n${conflict}</pre>\n`,
    },
    expected: 'pass',
  },
  {
    title: 'ignores files that only quote markers',
    files: {
      'merge.test.ts': `const text = \`\n${conflicted}\`;\n`,
      'src/merge.py': `text = """\n${conflicted}"""\n`,
      'fix.patch': conflicted,
      'test/fixtures/x.txt': conflicted,
      'title.rst': '<<<<<<< a\n=======\nText\n',
      'half.txt': '>>>>>>> quoted\n<<<<<<< quoted\n',
    },
    expected: 'pass',
  },
  noGit,
]);

testCheck(row('WS_IN_PROGRESS'), [
  { title: 'passes if no operation is in progress', files: { 'a.txt': 'a\n' }, expected: 'pass' },
  {
    title: 'reports a merge',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => leaveMergeOpen(planted),
    expected: [],
    message: /middle of a merge/,
  },
  {
    title: 'reports a cherry-pick and a bisect',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => {
      leaveMergeOpen(planted);
      planted.git('merge', '--abort');
      expectStop(() => planted.git('cherry-pick', 'other'));
      planted.git('bisect', 'start');
    },
    expected: [],
    message: /a cherry-pick and a bisect/,
  },
  {
    title: 'reports a rebase',
    files: { 'a.txt': 'a\n' },
    arrange: (planted) => {
      leaveMergeOpen(planted);
      planted.git('merge', '--abort');
      expectStop(() => planted.git('rebase', 'other'));
    },
    expected: [],
    message: /a rebase/,
  },
  {
    title: 'reports a merge in a linked worktree',
    files: { 'a.txt': 'a\n' },
    arrange: ({ git, root, put }) => {
      // Turns the planted folder into a worktree of another repository.
      const elsewhere = `${root}-main`;
      git('clone', '--quiet', root, elsewhere);
      rmSync(join(root, '.git'), { recursive: true });
      rmSync(join(root, 'a.txt'));
      git('-C', elsewhere, 'worktree', 'add', '--quiet', '-b', 'linked', root);
      put('a.txt', 'ours\n');
      git('commit', '--quiet', '-am', 'ours');
      writeFileSync(join(elsewhere, 'a.txt'), 'theirs\n');
      git('-C', elsewhere, 'commit', '--quiet', '-am', 'theirs');
      expectStop(() => git('merge', 'main'));
      process.once('exit', () => rmSync(elsewhere, { recursive: true, force: true }));
    },
    expected: [],
    message: /middle of a merge/,
  },
  noGit,
]);

testCheck(row('WS_FSCK'), [
  { title: 'passes a complete repository', files: { 'a.txt': 'a\n' }, expected: 'pass' },
  {
    title: 'reports a missing object',
    files: { 'a.txt': 'a\n' },
    arrange: ({ git, root }) => {
      const blob = git('rev-parse', 'HEAD:a.txt').trim();
      rmSync(join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    },
    expected: [],
    message: /missing blob/,
  },
  noGit,
]);

testCheck(row('WS_SYMLINKS'), [
  {
    title: 'passes links that stay inside the repository',
    files: { 'a/b.txt': 'b', 'a/up': { link: '../c' }, c: 'c', dangling: { link: 'dist/later' } },
    expected: 'pass',
    message: /^2 tracked symbolic links point into/,
  },
  {
    title: 'reports links that leave the repository',
    files: {
      'a/up': { link: '../../x' },
      absolute: { link: '/etc/passwd' },
      'test/fixtures/bad': { link: '/etc' },
      fine: { link: 'a/..' },
    },
    expected: ['a/up', 'absolute'],
    message: /^2 of 3 tracked symbolic links point outside/,
  },
  {
    title: 'ignores links that git ignores',
    files: { '.gitignore': 'x\n', x: { link: '/etc' } },
    expected: 'pass',
    message: /No symbolic links are tracked/,
  },
  noGit,
]);

const large = 'x'.repeat(5_000_001);
const hasLfs = spawnSync('git', ['lfs', 'version']).status === 0;

testCheck(row('WS_LARGE_FILES'), [
  { title: 'passes files up to the limit', files: { 'a.bin': 'x'.repeat(5_000_000) }, expected: 'pass' },
  {
    title: 'reports larger files, the largest first',
    files: { 'a.bin': large, 'b c.bin': `${large}x` },
    expected: ['b c.bin', 'a.bin'],
    message: /5\.0 MB/,
  },
  {
    title: `ignores files in Git LFS (git lfs is ${hasLfs ? '' : 'not '}installed)`,
    files: { 'a.bin': large, 'b.dat': large },
    arrange: ({ put }) => put('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n'),
    expected: ['b.dat'],
  },
  noGit,
]);

testCheck(row('WS_EOL'), [
  {
    title: 'passes files that use one line ending each',
    files: { 'a.txt': 'a\nb\n', 'b.txt': 'a\r\nb\r\n' },
    expected: 'pass',
  },
  {
    title: 'reports a file that mixes line endings',
    files: {
      'a b.txt': 'a\nb\r\n',
      'bin.dat': new Uint8Array([0, 10, 13, 10]),
      'kept.txt': 'a\nb\r\n',
      '.gitattributes': 'kept.txt -text\n',
    },
    expected: ['a b.txt'],
  },
  {
    title: 'reports sources of tests, but not the data that they read',
    files: { 'test/wire/request': 'GET /\r\nbody\n', 'test/wire/a.rb': 'a\r\nb\n', request: 'GET /\r\nbody\n' },
    expected: ['request', 'test/wire/a.rb'],
  },
  noGit,
]);

testCheck(row('WS_IGNORED_TRACKED'), [
  { title: 'passes if no tracked file is ignored', files: { 'a.txt': 'a', '.gitignore': 'out\n' }, expected: 'pass' },
  {
    title: 'reports ignored files that were added earlier or by force',
    files: { 'a.log': 'a', 'out/.gitkeep': '', 'out/x.js': '', 'test/out/y.js': '' },
    arrange: ({ put, git }) => {
      put('.gitignore', '*.log\nout\n');
      put('.git/info/exclude', '*.txt\n');
      put('mine.txt', '');
      git('add', '--force', '.gitignore', 'mine.txt');
    },
    expected: ['a.log', 'out/x.js'],
  },
  noGit,
]);
