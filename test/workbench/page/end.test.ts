/** Proves that the launcher does not take silence for success. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node, root } from '../setup.mjs';
import { runSuite } from '../suite.mjs';

const suite = (name: string) => join(root, 'test/workbench/suite', name);

describe('the launcher', () => {
  it('fails when the extension host dies before its tests end', async () => {
    await assert.rejects(runSuite({ module: suite('killed.ts'), workspace: root }), /ended before its tests did/);
  });

  it('fails when a test fails, and shows which', () => {
    const program = `
      import { runSuite } from './test/workbench/suite.mjs';
      await runSuite({ module: ${JSON.stringify(suite('failing.ts'))}, workspace: '.' });`;
    const { status, stdout } = spawnSync(node, ['--input-type=module', '--eval', program], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.match(stdout, /1 failing[\s\S]*a planted failure/);
    assert.equal(status, 1);
  });

  it('says nothing when nothing is to be set up', () => {
    const { status, stdout, stderr } = spawnSync(node, ['test/workbench/setup.mjs'], { cwd: root, encoding: 'utf8' });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  });

  it('names the parts when asked for one that does not exist', () => {
    const { status, stderr } = spawnSync(node, ['test/workbench/setup.mjs', 'coffee'], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /Unknown part coffee: there are packages, code, browser/);
  });
});
