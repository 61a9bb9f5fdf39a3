/** Opens a VS Code server in a new headless browser and returns its page. */
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from './browser.mjs';
import { removeDir, temporaryDir } from './server.mjs';

/** Browser arguments: no sandbox, which containers do not support, and no network requests by the browser itself. */
const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Time limit for opening the workbench on a busy machine. */
const openTimeoutMs = 90_000;

/**
 * @typedef {object} WorkbenchOptions
 * @property {string} [folder] The workspace. Opens an empty window if absent.
 * @property {readonly string[]} [extensions] Folders of extensions under development.
 * @property {string} [tests] Module to run inside the extension host.
 * @property {{ width: number, height: number }} [viewport]
 * @property {(page: import('playwright-core').Page) => Promise<void>} [before] Runs before the page is loaded.
 */

/**
 * @typedef {object} Workbench
 * @property {import('playwright-core').Page} page
 * @property {() => Promise<void>} close
 */

/**
 * Resolves when the workbench is visible. Its extensions may still be starting.
 * @param {Pick<import('./server.mjs').Server, 'origin'>} server
 * @param {WorkbenchOptions} [options]
 * @returns {Promise<Workbench>}
 */
export async function openWorkbench(server, options = {}) {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('No browser found. Run `node test/workbench/setup.mjs browser`.');
  const profile = temporaryDir('pipescope-page-');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: browserArguments,
    viewport: options.viewport ?? { width: 1600, height: 1000 },
  });
  const close = async () => {
    await context.close().catch(() => {});
    removeDir(profile);
  };
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.addInitScript(addDevelopmentOptions, developmentOptions(server, options));
    await options.before?.(page);
    const query = new URLSearchParams(options.folder ? { folder: resolve(options.folder) } : { ew: 'true' });
    await page.goto(`${server.origin}/?${query}`);
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: openTimeoutMs });
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Returns the development options for the workbench, with paths as URIs of the remote server.
 * @param {Pick<import('./server.mjs').Server, 'origin'>} server
 * @param {WorkbenchOptions} options
 */
function developmentOptions(server, { extensions = [], tests }) {
  const authority = new URL(server.origin).host;
  const uri = (/** @type {string} */ path) => ({ scheme: 'vscode-remote', authority, path: resolve(path) });
  return { extensions: extensions.map(uri), ...(tests ? { extensionTestsPath: uri(tests) } : {}) };
}

/**
 * Runs in the page and adds the options to the configuration, after the document is parsed and before the page's script
 * reads it. Only development builds of VS Code accept these options in the address.
 * @param {object} options
 */
function addDevelopmentOptions(options) {
  if (window !== window.top) return;
  document.addEventListener('readystatechange', () => {
    if (document.readyState !== 'interactive') return;
    const element = document.getElementById('vscode-workbench-web-configuration');
    const settings = element?.getAttribute('data-settings');
    if (!element || !settings) return;
    const configuration = JSON.parse(settings);
    configuration.developmentOptions = { ...configuration.developmentOptions, ...options };
    element.setAttribute('data-settings', JSON.stringify(configuration));
  });
}
