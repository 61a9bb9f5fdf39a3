import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceOf } from '../../../../src/pipelines/validation/bundle/receipt-source.ts';
import { folder } from '../../../fixtures/pipeline.ts';

describe('the source of a validation', () => {
  let temporary: ReturnType<typeof folder>;
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
    temporary = folder();
    root = temporary.path;
    git('init', '-q');
    mkdirSync(join(root, 'sub'));
    write('a.txt', 'a\n');
    write('sub/b.txt', 'b\n');
    commit();
  });
  afterEach(() => temporary.done());

  it("is git's own tree where nothing differs, whatever the commit", async () => {
    const clean = await sourceOf(root);
    assert.deepEqual(clean, { tree: git('rev-parse', 'HEAD^{tree}') });
    git('commit', '-q', '--allow-empty', '-m', 'two');
    write('new.txt', 'not tracked');
    assert.deepEqual(await sourceOf(root), clean);
  });

  it('has another hash for each other content, and the same for the same', async () => {
    const clean = await sourceOf(root);
    const states: readonly (() => void)[] = [
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
    const seen: unknown[] = [];
    for (const change of states) {
      change();
      const now = await sourceOf(root);
      assert.equal(now?.tree, clean?.tree);
      seen.push(now?.dirty);
    }
    assert.equal(new Set(seen).size, states.length);
    assert.ok(!seen.includes(undefined));
    git('reset', '-q', '--hard');
    assert.deepEqual(await sourceOf(root), clean);
    write('a.txt', 'b\n');
    assert.equal((await sourceOf(root))?.dirty, seen[0]);
  });

  it('is that of the folder alone, where the workspace is one of a repository', async () => {
    const sub = join(root, 'sub');
    const clean = await sourceOf(sub);
    assert.deepEqual(clean, { tree: git('rev-parse', 'HEAD:sub') });
    write('a.txt', 'changed outside');
    assert.deepEqual(await sourceOf(sub), clean);
    write('sub/b.txt', 'changed');
    assert.notEqual((await sourceOf(sub))?.dirty, undefined);
  });

  it('is not known without git, or before the first commit', async () => {
    const plain = folder();
    assert.equal(await sourceOf(plain.path), undefined);
    execFileSync('git', ['init', '-q'], { cwd: plain.path });
    assert.equal(await sourceOf(plain.path), undefined);
    plain.done();
  });
});
