/** Opens a served VS Code in a headless browser of our own and hands out its page. */
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from './browser.mjs';
import { removeDir, temporaryDir } from './server.mjs';

/** A container has no sandbox to give, and nothing here is to ask the network. */
const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Longest wait for the workbench, on a machine that is busy. */
const openMs = 90_000;

/**
 * @typedef {object} WorkbenchOptions
 * @property {string} [folder] The workspace; an empty window without it.
 * @property {readonly string[]} [extensions] Folders of extensions under development.
 * @property {string} [tests] Module that is run inside the extension host.
 * @property {{ width: number, height: number }} [viewport]
 * @property {(page: import('playwright-core').Page) => Promise<void>} [before] Runs before the page is loaded.
 */

/**
 * @typedef {object} Workbench
 * @property {import('playwright-core').Page} page
 * @property {() => Promise<void>} close
 */

/**
 * Resolves when the workbench stands; its extensions may still be starting.
 * @param {Pick<import('./server.mjs').Server, 'origin'>} server
 * @param {WorkbenchOptions} [options]
 * @returns {Promise<Workbench>}
 */
export async function openWorkbench(server, options = {}) {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('No browser found: run `node test/workbench/setup.mjs browser`.');
  const profile = temporaryDir('pipescope-page-');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: switches,
    viewport: options.viewport ?? { width: 1600, height: 1000 },
  });
  const close = async () => {
    await context.close().catch(() => {});
    removeDir(profile);
  };
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.addInitScript(develop, developmentOptions(server, options));
    await options.before?.(page);
    const query = new URLSearchParams(options.folder ? { folder: resolve(options.folder) } : { ew: 'true' });
    await page.goto(`${server.origin}/?${query}`);
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: openMs });
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Paths as the workbench names them: they are the server's.
 * @param {Pick<import('./server.mjs').Server, 'origin'>} server
 * @param {WorkbenchOptions} options
 */
function developmentOptions(server, { extensions = [], tests }) {
  const authority = new URL(server.origin).host;
  const uri = (/** @type {string} */ path) => ({ scheme: 'vscode-remote', authority, path: resolve(path) });
  return { extensions: extensions.map(uri), ...(tests ? { extensionTestsPath: uri(tests) } : {}) };
}

/**
 * Runs in the page. The address takes such options in builds for development only, so they are put where the page's own
 * script reads its configuration, between the document's parsing and that script.
 * @param {object} options
 */
function develop(options) {
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
