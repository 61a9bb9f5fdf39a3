import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../src/core/human-error.ts';
import { hottest, isPlace, locate, resolvePlace } from '../../src/editor/source-location.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

describe('place', () => {
  const outside = [
    '../b.ts',
    '/etc/passwd',
    'a/../../b.ts',
    '//server/share/a.ts',
    '\\\\server\\share',
    'a\0.ts',
    '..',
    '',
  ];
  for (const file of outside) {
    it(`finds nothing inside for ${JSON.stringify(file)}`, () => {
      assert.equal(locate(file, '/w', ['/w']), undefined);
    });
  }

  const inside: readonly [string, string][] = [
    ['a.ts', '/w/a.ts'],
    ['a/../b.ts', '/w/b.ts'],
    ['..a/b.ts', '/w/..a/b.ts'],
    ['/w/c.ts', '/w/c.ts'],
    ['/other/d.ts', '/other/d.ts'],
  ];
  for (const [file, path] of inside) {
    it(`finds ${file} inside`, () => assert.equal(locate(file, '/w', ['/w', '/other']), path));
  }

  describe('on a disk', () => {
    let root = '';
    before(() => {
      root = mkdtempSync(join(tmpdir(), 'pipescope-place-'));
      mkdirSync(join(root, 'w'));
      writeFileSync(join(root, 'w/real.ts'), '');
      writeFileSync(join(root, 'secret.ts'), '');
      symlinkSync(join(root, 'secret.ts'), join(root, 'w/out.ts'));
      symlinkSync(join(root, 'w/real.ts'), join(root, 'w/in.ts'));
      symlinkSync(join(root, 'w'), join(root, 'link'));
    });
    after(() => rmSync(root, { recursive: true }));

    it('opens a file, a link to one inside, and a workspace that is itself a link', async () => {
      const workspace = join(root, 'w');
      assert.equal(await resolvePlace('real.ts', workspace, [workspace]), join(workspace, 'real.ts'));
      assert.equal(await resolvePlace('in.ts', workspace, [workspace]), join(workspace, 'in.ts'));
      const link = join(root, 'link');
      assert.equal(await resolvePlace('real.ts', link, [link]), join(link, 'real.ts'));
    });

    for (const file of ['out.ts', '../secret.ts', 'gone.ts']) {
      it(`refuses ${file} with a sentence`, async () => {
        const workspace = join(root, 'w');
        await assert.rejects(resolvePlace(file, workspace, [workspace]), (error) => {
          assert.ok(error instanceof HumanError);
          assert.ok(error.message.includes(file));
          return true;
        });
      });
    }
  });

  it('names the operation inside that used the most time by itself', () => {
    const { operations, ...rest } = snapshotAt(30);
    const placed = operations.filter(({ file }) => file !== undefined);
    const most = Math.max(...placed.map(({ selfNs = 0 }) => selfNs));
    const place = hottest({ ...rest, operations }, () => true);
    assert.equal(placed.find(({ selfNs }) => selfNs === most)?.line, place?.line);
  });

  it('names the slowest file where no operation lies inside, and nothing where no file does', () => {
    const snapshot = { ...snapshotAt(30), operations: [] };
    const most = Math.max(...snapshot.items.map(({ totalNs }) => totalNs));
    const slowest = snapshot.items.find(({ totalNs }) => totalNs === most);
    assert.ok(slowest?.file);
    assert.deepEqual(
      hottest(snapshot, () => true),
      { file: slowest.file, line: 1 },
    );
    assert.equal(
      hottest(snapshot, () => false),
      undefined,
    );
  });

  it('knows a place from anything else', () => {
    assert.ok(isPlace({ file: 'a.ts', line: 1 }));
    for (const other of [
      undefined,
      null,
      'a.ts',
      {},
      { file: 'a.ts' },
      { file: 1, line: 1 },
      { file: 'a', line: 1.5 },
    ]) {
      assert.ok(!isPlace(other));
    }
  });
});
