/** Runs one test module inside the extension host of a VS Code, through @vscode/test-electron. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { removeDir, temporaryDir } from './server.mjs';
import { root } from './setup.mjs';

const standIn = fileURLToPath(new URL('code', import.meta.url));

/**
 * Rejects unless the module itself reports that all tests ended without a failure, because VS Code reports a killed
 * extension host as success.
 * @param {object} options
 * @param {string} options.module Source file of the tests, bundled before it runs.
 * @param {string} options.workspace
 * @param {boolean} [options.desktop] Uses a desktop VS Code: the one at VSCODE_PATH, or a downloaded one.
 */
export async function runSuite({ module, workspace, desktop = false }) {
  const tests = join(root, 'out/suite', `${basename(module, '.ts')}.js`);
  await build({
    entryPoints: [module],
    outfile: tests,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const dir = temporaryDir('pipescope-end-');
  const marker = join(dir, 'end.json');
  const executable = desktop ? process.env['VSCODE_PATH'] : standIn;
  try {
    await runTests({
      ...(executable ? { vscodeExecutablePath: executable } : {}),
      extensionDevelopmentPath: root,
      extensionTestsPath: tests,
      launchArgs: [workspace],
      extensionTestsEnv: { WORKBENCH_END: marker, WORKBENCH_OUTPUT: join(root, 'test/output') },
    });
    if (!existsSync(marker)) throw new Error('The extension host ended before its tests did.');
    const { tests: count, failures } = JSON.parse(readFileSync(marker, 'utf8'));
    if (failures || !count) throw new Error(`${failures} of ${count} tests failed.`);
  } finally {
    removeDir(dir);
  }
}
