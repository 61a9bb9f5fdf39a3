/**
 * Runs the tests that need a real VS Code: first those inside its extension host, then those that use it by its page, as a
 * person would.
 *
 *   npm run test:workbench                a VS Code served by code-server, in a headless browser
 *   npm run test:electron                 the first half in a desktop VS Code (VSCODE_PATH, else downloaded)
 *   npm run test:workbench -- page -g X   only the second half, with options for mocha
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { environment, fail, node, root, setUp } from './setup.mjs';

const parameters = process.argv.slice(2);
const desktop = parameters.includes('--electron');
const half = ['suite', 'page'].find((name) => name === parameters[0]);

try {
  setUp(desktop ? ['packages'] : ['packages', 'code', 'browser']);
  rmSync(join(root, 'test/output'), { recursive: true, force: true });
  if (half !== 'page') {
    const { runSuite } = await import('./suite.mjs');
    await runSuite({ module: join(root, 'test/workbench/suite/index.ts'), workspace: root, desktop });
  }
  if (desktop) console.log('The page tests use a VS Code in a browser: `npm run test:workbench -- page` runs them.');
  else if (half !== 'suite') await mocha(parameters.slice(half ? 1 : 0));
} catch (error) {
  fail(error);
}

/** @param {string[]} options @returns {Promise<void>} */
function mocha(options) {
  const program = join(root, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(node, [program, '--config', 'test/workbench/.mocharc.json', ...options], {
    cwd: root,
    env: environment(),
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('The page tests failed.'))));
  });
}
