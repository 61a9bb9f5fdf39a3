import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../src/core/human-error.ts';
import {
  findHottest,
  isSourceLocation,
  locateInWorkspace,
  resolveSourceFile,
} from '../../src/editor/source-location.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

describe('source location', () => {
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
    it(`treats ${JSON.stringify(file)} as outside the workspace`, () => {
      assert.equal(locateInWorkspace(file, '/w', ['/w']), undefined);
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
    it(`locates ${file} in the workspace`, () => assert.equal(locateInWorkspace(file, '/w', ['/w', '/other']), path));
  }

  describe('on disk', () => {
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

    it('resolves a file, a link within the workspace, and a workspace that is itself a link', async () => {
      const workspace = join(root, 'w');
      assert.equal(await resolveSourceFile('real.ts', workspace, [workspace]), join(workspace, 'real.ts'));
      assert.equal(await resolveSourceFile('in.ts', workspace, [workspace]), join(workspace, 'in.ts'));
      const link = join(root, 'link');
      assert.equal(await resolveSourceFile('real.ts', link, [link]), join(link, 'real.ts'));
    });

    for (const file of ['out.ts', '../secret.ts', 'gone.ts']) {
      it(`rejects ${file} with a message that names it`, async () => {
        const workspace = join(root, 'w');
        await assert.rejects(resolveSourceFile(file, workspace, [workspace]), (error) => {
          assert.ok(error instanceof HumanError);
          assert.ok(error.message.includes(file));
          return true;
        });
      });
    }
  });

  it('of the hottest function is that with the most self time', () => {
    const { operations, ...rest } = snapshotAt(30);
    const placed = operations.filter(({ file }) => file !== undefined);
    const most = Math.max(...placed.map(({ selfNs = 0 }) => selfNs));
    const location = findHottest({ ...rest, operations }, () => true);
    assert.equal(placed.find(({ selfNs }) => selfNs === most)?.line, location?.line);
  });

  it('of the hottest function is never in a package', () => {
    const { operations, ...rest } = snapshotAt(30);
    const [own] = operations.filter(({ file }) => file !== undefined);
    assert.ok(own);
    const inPackage = { component: 'node_modules/pack', file: 'node_modules/pack/a.js', line: 7, selfNs: 1e15 };
    const hottest = (component: string): number | undefined =>
      findHottest({ ...rest, operations: [own, { ...own, ...inPackage, component }] }, () => true)?.line;
    assert.equal(hottest('node_modules/pack'), own.line);
    assert.equal(hottest('src'), 7);
  });

  it('is the slowest file if no operation is in the workspace, and undefined if no file is', () => {
    const snapshot = { ...snapshotAt(30), operations: [] };
    const most = Math.max(...snapshot.items.map(({ totalNs }) => totalNs));
    const slowest = snapshot.items.find(({ totalNs }) => totalNs === most);
    assert.ok(slowest?.file);
    assert.deepEqual(
      findHottest(snapshot, () => true),
      { file: slowest.file, line: 1 },
    );
    assert.equal(
      findHottest(snapshot, () => false),
      undefined,
    );
  });

  it('is distinguished from other values', () => {
    assert.ok(isSourceLocation({ file: 'a.ts', line: 1 }));
    for (const other of [
      undefined,
      null,
      'a.ts',
      {},
      { file: 'a.ts' },
      { file: 1, line: 1 },
      { file: 'a', line: 1.5 },
    ]) {
      assert.ok(!isSourceLocation(other));
    }
  });
});
