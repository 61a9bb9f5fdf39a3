/** Checks that the test launcher reports failures and crashes, and never takes missing output for success. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node, root } from '../setup.mjs';
import { runSuite } from '../suite.mjs';

const suite = (name: string) => join(root, 'test/workbench/suite', name);

describe('the test launcher', () => {
  it('fails if the extension host dies before its tests end', async () => {
    await assert.rejects(runSuite({ module: suite('killed.ts'), workspace: root }), /ended before its tests did/);
  });

  it('fails if a test fails, and shows the test', () => {
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

  it('prints no output if everything is set up', () => {
    const { status, stdout, stderr } = spawnSync(node, ['test/workbench/setup.mjs'], { cwd: root, encoding: 'utf8' });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  });

  it('lists the parts if asked for an unknown one', () => {
    const { status, stderr } = spawnSync(node, ['test/workbench/setup.mjs', 'coffee'], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /Unknown part: coffee\. Available parts: packages, guests, python, hyperfine, code, browser/);
  });
});
