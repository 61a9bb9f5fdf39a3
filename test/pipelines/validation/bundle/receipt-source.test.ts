import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource } from '../../../../src/pipelines/validation/bundle/receipt-source.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';

describe('readSource', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let root: string;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
  const commit = (): void => {
    git('add', '-A');
    git('commit', '-qm', 'one');
  };
  const write = (file: string, text: string): void => writeFileSync(join(root, file), text);
  beforeEach(() => {
    temporary = createTemporaryFolder();
    root = temporary.path;
    git('init', '-q');
    mkdirSync(join(root, 'sub'));
    write('a.txt', 'a\n');
    write('sub/b.txt', 'b\n');
    commit();
  });
  afterEach(() => temporary.done());

  it('returns the Git tree without a hash if no tracked file is changed', async () => {
    const clean = await readSource(root);
    assert.deepEqual(clean, { tree: git('rev-parse', 'HEAD^{tree}') });
    git('commit', '-q', '--allow-empty', '-m', 'two');
    write('new.txt', 'not tracked');
    assert.deepEqual(await readSource(root), clean);
  });

  it('returns different hashes for different changes and equal ones for equal changes', async () => {
    const clean = await readSource(root);
    const changes: readonly (() => void)[] = [
      () => write('a.txt', 'b\n'),
      () => write('a.txt', 'c\n'),
      () => chmodSync(join(root, 'a.txt'), 0o755),
      () => write('sub/b.txt', 'c\n'),
      () => rmSync(join(root, 'a.txt')),
      () => symlinkSync('sub/b.txt', join(root, 'a.txt')),
      () => {
        write('new.txt', 'n');
        git('add', 'new.txt');
      },
    ];
    const hashes: unknown[] = [];
    for (const change of changes) {
      change();
      const source = await readSource(root);
      assert.equal(source?.tree, clean?.tree);
      hashes.push(source?.dirty);
    }
    assert.equal(new Set(hashes).size, changes.length);
    assert.ok(!hashes.includes(undefined));
    git('reset', '-q', '--hard');
    assert.deepEqual(await readSource(root), clean);
    write('a.txt', 'b\n');
    assert.equal((await readSource(root))?.dirty, hashes[0]);
  });

  it('covers only the workspace if that is a folder of a repository', async () => {
    const sub = join(root, 'sub');
    const clean = await readSource(sub);
    assert.deepEqual(clean, { tree: git('rev-parse', 'HEAD:sub') });
    write('a.txt', 'changed outside');
    assert.deepEqual(await readSource(sub), clean);
    write('sub/b.txt', 'changed');
    assert.notEqual((await readSource(sub))?.dirty, undefined);
  });

  it('returns undefined without Git or before the first commit', async () => {
    const plain = createTemporaryFolder();
    assert.equal(await readSource(plain.path), undefined);
    execFileSync('git', ['init', '-q'], { cwd: plain.path });
    assert.equal(await readSource(plain.path), undefined);
    plain.done();
  });
});
