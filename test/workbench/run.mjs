/**
 * Runs the tests that need a real VS Code: the suite inside its extension host, then the page tests, which use VS Code like
 * a user.
 *
 *   npm run test:workbench                all, with code-server in a headless browser
 *   npm run test:electron                 the suite in a desktop VS Code (VSCODE_PATH, otherwise downloaded)
 *   npm run test:workbench -- page -g X   only the page tests, with options for Mocha
 *   npm run test:workbench -- --built     with the existing package
 */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { environment, fail, node, packaging, root, setUp } from './setup.mjs';

const knownOptions = ['--electron', '--built', 'suite', 'page'];
const options = new Set(process.argv.filter((text) => knownOptions.includes(text)));
const desktop = options.has('--electron');

try {
  setUp(desktop ? ['packages'] : ['packages', 'code', 'browser']);
  if (!options.has('--built')) buildPackage();
  rmSync(join(root, 'test/output'), { recursive: true, force: true });
  if (!options.has('page')) {
    const { runSuite } = await import('./suite.mjs');
    await runSuite({ module: join(root, 'test/workbench/suite/index.ts'), workspace: root, desktop });
  }
  if (desktop) console.log('The page tests need VS Code in a browser. Run `npm run test:workbench -- page` for them.');
  else if (!options.has('suite')) await runMocha(process.argv.slice(2).filter((text) => !knownOptions.includes(text)));
} catch (error) {
  fail(error);
}

/** Builds the VSIX package, so that the tests use what users install. */
function buildPackage() {
  const { status } = spawnSync(node, packaging, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('Could not build the package. See the output above.');
}

/** @param {string[]} mochaOptions @returns {Promise<void>} */
function runMocha(mochaOptions) {
  const program = join(root, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(node, [program, '--config', 'test/workbench/.mocharc.json', ...mochaOptions], {
    cwd: root,
    env: environment(),
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('The page tests failed.'))));
  });
}
