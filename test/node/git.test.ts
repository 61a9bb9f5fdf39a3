import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitOf } from '../../src/node/git.ts';
import { folder } from '../fixtures/pipeline.ts';

describe('git', () => {
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: temporary.path,
      encoding: 'utf8',
    });

  it('tells nothing where there is no repository, or no commit yet', async () => {
    assert.equal(await gitOf(temporary.path), undefined);
    git('init', '-q', '-b', 'main');
    assert.equal(await gitOf(temporary.path), undefined);
  });

  it('tells commit, branch and whether tracked files differ', async () => {
    git('init', '-q', '-b', 'main');
    const file = join(temporary.path, 'a');
    writeFileSync(file, '1');
    git('add', 'a');
    git('commit', '-q', '-m', 'a');
    const commit = git('rev-parse', 'HEAD').trim();
    assert.deepEqual(await gitOf(temporary.path), { commit, branch: 'main', dirty: false });
    writeFileSync(file, '2');
    assert.equal((await gitOf(temporary.path))?.dirty, true);
    git('checkout', '-q', '--detach');
    assert.equal((await gitOf(temporary.path))?.branch, undefined);
  });
});
