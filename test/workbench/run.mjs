/**
 * Runs the tests that need a real VS Code: first those inside its extension host, then those that use it by its page, as a
 * person would.
 *
 *   npm run test:workbench                a VS Code served by code-server, in a headless browser
 *   npm run test:electron                 the first half in a desktop VS Code (VSCODE_PATH, else downloaded)
 *   npm run test:workbench -- page -g X   only the second half, with options for mocha
 *   npm run test:workbench -- --built     with the package that is there
 */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { environment, fail, node, packaging, root, setUp } from './setup.mjs';

const own = ['--electron', '--built', 'suite', 'page'];
const asked = new Set(process.argv.filter((text) => own.includes(text)));
const desktop = asked.has('--electron');

try {
  setUp(desktop ? ['packages'] : ['packages', 'code', 'browser']);
  if (!asked.has('--built')) pack();
  rmSync(join(root, 'test/output'), { recursive: true, force: true });
  if (!asked.has('page')) {
    const { runSuite } = await import('./suite.mjs');
    await runSuite({ module: join(root, 'test/workbench/suite/index.ts'), workspace: root, desktop });
  }
  if (desktop) console.log('The page tests use a VS Code in a browser: `npm run test:workbench -- page` runs them.');
  else if (!asked.has('suite')) await mocha(process.argv.slice(2).filter((text) => !own.includes(text)));
} catch (error) {
  fail(error);
}

/** Makes the package, and with it the build, so that what is tested is what people install. */
function pack() {
  const { status } = spawnSync(node, packaging, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('The package could not be made: see above.');
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
