/**
 * Gets what a fresh machine lacks, so that `npm start` and `npm test` need nothing but Node 18 and npm beforehand.
 * Plain Node built-ins only: it runs before anything is installed. Silent where all is there.
 *
 *   node test/workbench/setup.mjs [packages] [code] [browser]      without a part: all of them
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findBrowser } from './browser.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(dirname(here));
const windows = process.platform === 'win32';

/** The Node that the package `node` brings: VS Code's own major version, whatever the machine has. */
export const node = join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node');
/** What Node runs to make the package, and with it the build. */
export const packaging = [
  'node_modules/@vscode/vsce/vsce',
  'package',
  '--no-dependencies',
  '--out',
  'out/pipescope.vsix',
];

/** Folder of code-server, a VS Code served to a browser. */
export const codeServer = join(here, 'node_modules/code-server');
const vscode = join(codeServer, 'lib/vscode');

/** One row for each thing that may be missing. */
const parts = {
  packages: {
    there: () => existsSync(node) && isInstalled(root),
    get() {
      npm(root, 'ci');
      if (!existsSync(node)) {
        throw new Error(
          `${node} is missing: allow install scripts (npm config set ignore-scripts false) and try again.`,
        );
      }
    },
  },
  code: {
    there: () => isInstalled(here) && existsSync(ready()),
    get() {
      npm(here, 'ci');
      // code-server carries VS Code's packages as lists only. Its own script would compile them; what runs here needs none
      // of that. `npm ci` stops at its shrinkwrap, which is out of step.
      npm(vscode, 'install', '--omit=dev', '--ignore-scripts');
      npm(join(vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');
      copyFileSync(join(here, 'spdlog.cjs'), join(vscode, 'node_modules/@vscode/spdlog/index.js'));
      writeFileSync(ready(), '');
    },
  },
  browser: {
    there: () => findBrowser() !== undefined,
    get() {
      const debian = existsSync('/etc/debian_version') && process.getuid?.() === 0;
      if (debian) {
        run('apt-get', ['update'], root);
        run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], root);
      }
      if (!findBrowser()) {
        throw new Error('No browser found: install Chrome, Chromium or Edge, or name one in the variable CHROMIUM.');
      }
    },
  },
};

/** @typedef {keyof typeof parts} Part */
export const allParts = /** @type {Part[]} */ (Object.keys(parts));

/**
 * Gets the parts that are missing, in order; throws an Error with a sentence for people where one cannot be had.
 * @param {readonly Part[]} [wanted]
 */
export function setUp(wanted = allParts) {
  for (const name of allParts) {
    if (wanted.includes(name) && !parts[name].there()) parts[name].get();
  }
}

/** Marks that the packages of VS Code inside this very code-server are complete. */
function ready() {
  return join(vscode, 'node_modules/.ready');
}

/**
 * Says whether node_modules holds what the lockfile names; packages for other platforms are optional.
 * @param {string} folder
 */
function isInstalled(folder) {
  const wanted = packagesIn(join(folder, 'package-lock.json'));
  const there = packagesIn(join(folder, 'node_modules/.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || (there[path] ? there[path].version === version : optional),
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/**
 * @param {string} folder
 * @param {...string} parameters
 */
function npm(folder, ...parameters) {
  // npm tells its scripts where it is; npm.cmd of Windows cannot be started without a shell.
  const beside = join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js');
  const script = process.env['npm_execpath'] ?? (windows ? beside : undefined);
  if (script) run(process.execPath, [script, ...parameters], folder, `npm ${parameters.join(' ')}`);
  else run('npm', parameters, folder);
}

/**
 * Runs a command to its end and says in one line what it was and how long it took.
 * @param {string} command
 * @param {string[]} parameters
 * @param {string} folder
 */
function run(command, parameters, folder, title = `${command} ${parameters.join(' ')}`) {
  const start = Date.now();
  const { status, error, stdout, stderr } = spawnSync(command, parameters, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0)
    throw new Error(`${title} failed in ${folder}${error ? `: ${error.message}` : ''}\n${stdout}${stderr}`);
  const place = relative(root, folder);
  console.log(`${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${title}${place && ` in ${place}`}`);
}

/**
 * Environment in which `node` is the project's own.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [key]: [dirname(node), env[key]].join(delimiter) };
}

/** Prints the sentence of an error, without its stack, and ends with 1. @param {unknown} error @returns {never} */
export function fail(error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const unknown = process.argv.slice(2).filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length) fail(new Error(`Unknown part ${unknown.join(', ')}: there are ${allParts.join(', ')}.`));
  const wanted = /** @type {Part[]} */ (process.argv.slice(2));
  try {
    setUp(wanted.length ? wanted : allParts);
  } catch (error) {
    fail(error);
  }
}
