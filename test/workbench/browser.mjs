/** Finds a browser that can show VS Code: the one named by CHROMIUM, else an installed Chrome, Chromium or Edge. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const mac = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
const windows = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];

/** Path of the browser, or nothing. @returns {string | undefined} */
export function findBrowser() {
  const named = process.env['CHROMIUM'];
  if (named) return isProgram(named) ? named : undefined;
  return names.map(findProgram).find(Boolean) ?? usualPlaces().find(isProgram);
}

/**
 * Path of a program on the PATH, or nothing.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const folders = (process.env['PATH'] ?? process.env['Path'] ?? '').split(delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find(isProgram);
}

function usualPlaces() {
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
