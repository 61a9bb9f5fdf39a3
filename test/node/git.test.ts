import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGitState } from '../../src/node/git.ts';
import { createTemporaryFolder } from '../fixtures/pipeline.ts';

describe('readGitState', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: temporary.path,
      encoding: 'utf8',
    });

  it('returns undefined if there is no repository or no commit', async () => {
    assert.equal(await readGitState(temporary.path), undefined);
    git('init', '-q', '-b', 'main');
    assert.equal(await readGitState(temporary.path), undefined);
  });

  it('returns the commit, the branch and whether tracked files are modified', async () => {
    git('init', '-q', '-b', 'main');
    const file = join(temporary.path, 'a');
    writeFileSync(file, '1');
    git('add', 'a');
    git('commit', '-q', '-m', 'a');
    const commit = git('rev-parse', 'HEAD').trim();
    assert.deepEqual(await readGitState(temporary.path), { commit, branch: 'main', dirty: false });
    writeFileSync(file, '2');
    assert.equal((await readGitState(temporary.path))?.dirty, true);
    git('checkout', '-q', '--detach');
    assert.equal((await readGitState(temporary.path))?.branch, undefined);
  });
});
