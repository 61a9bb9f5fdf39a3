import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProjectRoot } from '../../src/node/project-root.ts';
import { createGrouping, createPathDisplay } from '../../src/node/run/placement.ts';

describe('findProjectRoot', () => {
  let top = '';
  before(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'pipescope-project-')));
    const files = {
      'repository/.git/HEAD': '',
      'repository/packages/app/package.json': '{}',
      'repository/packages/lib/package.json': '{}',
      'submodule/.git': 'gitdir: ../x',
      'submodule/inner/package.json': '{}',
      'workspaces/package.json': '{"workspaces":["packages/*"]}',
      'workspaces/packages/app/package.json': '{}',
      'pnpm/pnpm-workspace.yaml': '',
      'pnpm/app/package.json': 'not JSON',
      'alone/package.json': '{"workspaces":false}',
      'alone/sub/file.js': '',
      'home/.git/HEAD': '',
      'home/project/file.js': '',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(top, name)), { recursive: true });
      writeFileSync(join(top, name), text);
    }
  });
  after(() => rmSync(top, { recursive: true }));

  const roots: Readonly<Record<string, string>> = {
    'repository/packages/app': 'repository',
    repository: 'repository',
    'submodule/inner': 'submodule',
    'workspaces/packages/app': 'workspaces',
    'pnpm/app': 'pnpm',
    'alone/sub': 'alone/sub',
    'home/project': 'home/project',
  };
  for (const [workspace, root] of Object.entries(roots)) {
    it(`is ${root} for ${workspace}`, () => {
      assert.equal(findProjectRoot(join(top, workspace), join(top, 'home')), join(top, root));
    });
  }

  it('is never the home folder or above it', () => {
    assert.equal(
      findProjectRoot(join(top, 'repository/packages/app'), join(top, 'repository/user')),
      join(top, 'repository/packages/app'),
    );
  });

  it('places siblings relative to the workspace and in a component of their own', () => {
    const displayPathOf = createPathDisplay(join(top, 'repository/packages/app'));
    assert.equal(displayPathOf(join(top, 'repository/packages/app/src/a.js')), 'src/a.js');
    assert.equal(displayPathOf(join(top, 'repository/packages/lib/src/deep/b.js')), '../lib/src/deep/b.js');
    assert.equal(displayPathOf(join(top, 'alone/sub/file.js')), join(top, 'alone/sub/file.js'));
    const componentOf = createGrouping();
    const definition = { id: 1, component: 'functions', name: 'f', kind: 'function', line: 1 } as const;
    assert.equal(componentOf({ ...definition, file: '../lib/src/deep/b.js' }), '../lib/src');
    assert.equal(componentOf({ ...definition, file: '/elsewhere/b.js' }), '(elsewhere)');
  });
});
