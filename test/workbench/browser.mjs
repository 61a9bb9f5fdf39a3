/** Finds a browser for VS Code: the one in the variable CHROMIUM, or an installed Chrome, Chromium or Edge. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const mac = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
const windows = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];

/** Returns the path of the browser, or undefined. @returns {string | undefined} */
export function findBrowser() {
  const configured = process.env['CHROMIUM'];
  if (configured) return isProgram(configured) ? configured : undefined;
  return names.map(findProgram).find(Boolean) ?? defaultPaths().find(isProgram);
}

/**
 * Returns the path of a program on the PATH, or undefined.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const folders = (process.env['PATH'] ?? process.env['Path'] ?? '').split(delimiter).filter(Boolean);
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return folders.flatMap((folder) => extensions.map((extension) => join(folder, name + extension))).find(isProgram);
}

function defaultPaths() {
  if (process.platform === 'darwin') return mac.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  if (process.platform !== 'win32') return [];
  const homes = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((key) => process.env[key]);
  return homes.flatMap((home) => (home ? windows.map((path) => join(home, path)) : []));
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
