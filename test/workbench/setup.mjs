/**
 * Installs what a fresh machine lacks, so that `npm start` and `npm test` only need Node and npm. It uses Node built-ins
 * only, because it runs before any package is installed. It prints no output if everything is installed.
 *
 *   node test/workbench/setup.mjs [packages] [guests] [python] [hyperfine] [code] [browser]      all parts if none is given
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

/** The Node of the npm package `node`, which has the same major version as VS Code. */
export const node = join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node');
/** Arguments for Node to build the VSIX package. */
export const packaging = [
  'node_modules/@vscode/vsce/vsce',
  'package',
  '--no-dependencies',
  '--out',
  'out/pipescope.vsix',
];

/** Folder of code-server, which serves VS Code to a browser. */
export const codeServer = join(here, 'node_modules/code-server');
const vscode = join(codeServer, 'lib/vscode');

/** Folder of the older versions of Node and the test runners that the tests profile. */
const guests = join(root, 'test/fixtures/guests');
/** Python modules that the tests profile, by Debian package. They belong to the Python of Debian. */
const debianModules = {
  'python3-cloudpickle': 'cloudpickle',
  'python3-coverage': 'coverage',
  'python3-eventlet': 'eventlet',
  'python3-gevent': 'gevent',
  'python3-line-profiler': 'line_profiler',
  'python3-pytest': 'pytest',
};

/** The parts that can be installed. */
const parts = {
  packages: {
    isReady: () => existsSync(node) && isInstalled(root),
    install() {
      npm(root, 'ci');
      if (!existsSync(node)) {
        throw new Error(
          `${node} is missing. Allow install scripts (npm config set ignore-scripts false) and try again.`,
        );
      }
    },
  },
  guests: {
    isReady: () => isInstalled(guests),
    // Without the scripts, the packages of Node consist of the executable only.
    install: () => npm(guests, 'ci', '--ignore-scripts'),
  },
  python: {
    isReady: () => spawnSync('/usr/bin/python3', ['-c', `import ${Object.values(debianModules)}`]).status === 0,
    install() {
      const packages = Object.keys(debianModules);
      if (!isDebianRoot()) throw new Error(`Install these packages for /usr/bin/python3: ${packages.join(', ')}.`);
      installFromDebian(packages);
    },
  },
  hyperfine: {
    isReady: () => spawnSync('hyperfine', ['--version']).status === 0,
    install() {
      if (!isDebianRoot()) throw new Error('Install hyperfine, with which the tests compare benchmarks.');
      installFromDebian(['hyperfine']);
    },
  },
  code: {
    isReady: () => isInstalled(here) && existsSync(readyMarker()),
    install() {
      npm(here, 'ci');
      // code-server only lists the packages of VS Code. Its own script would install and compile them, but the tests need no
      // native modules. `npm ci` fails, because its shrinkwrap file is out of sync.
      npm(vscode, 'install', '--omit=dev', '--ignore-scripts');
      npm(join(vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');
      copyFileSync(join(here, 'spdlog.cjs'), join(vscode, 'node_modules/@vscode/spdlog/index.js'));
      writeFileSync(readyMarker(), '');
    },
  },
  browser: {
    isReady: () => findBrowser() !== undefined,
    install() {
      if (isDebianRoot()) installFromDebian(['chromium', 'fonts-dejavu-core']);
      if (!findBrowser()) {
        throw new Error(
          'No browser found. Install Chrome, Chromium or Edge, or set CHROMIUM to the path of its executable.',
        );
      }
    },
  },
};

/** @typedef {keyof typeof parts} Part */
export const allParts = /** @type {Part[]} */ (Object.keys(parts));

/**
 * Installs the missing parts, in order. Throws an Error with a message for users if a part cannot be installed.
 * @param {readonly Part[]} [wanted]
 */
export function setUp(wanted = allParts) {
  for (const name of allParts) {
    if (wanted.includes(name) && !parts[name].isReady()) parts[name].install();
  }
}

function isDebianRoot() {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

/** @param {readonly string[]} packages */
function installFromDebian(packages) {
  run('apt-get', ['update'], root);
  run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], root);
}

/** Returns the file that marks the packages of VS Code inside this code-server as complete. */
function readyMarker() {
  return join(vscode, 'node_modules/.ready');
}

/**
 * Returns true if node_modules matches the lockfile. Optional packages, such as those for other platforms, may be missing.
 * @param {string} folder
 */
function isInstalled(folder) {
  const locked = packagesIn(join(folder, 'package-lock.json'));
  const installed = packagesIn(join(folder, 'node_modules/.package-lock.json'));
  return Object.entries(locked).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional),
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
  // Runs npm's script with Node if its path is known, because npm.cmd on Windows cannot be started without a shell.
  const bundledScript = join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js');
  const script = process.env['npm_execpath'] ?? (windows ? bundledScript : undefined);
  if (script) run(process.execPath, [script, ...parameters], folder, `npm ${parameters.join(' ')}`);
  else run('npm', parameters, folder);
}

/**
 * Runs a command and prints one line with its title and duration.
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
  const path = relative(root, folder);
  console.log(`${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${title}${path && ` in ${path}`}`);
}

/**
 * Returns an environment in which `node` is the project's Node.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [key]: [dirname(node), env[key]].join(delimiter) };
}

/** Prints the message of an error without its stack, and exits with code 1. @param {unknown} error @returns {never} */
export function fail(error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const unknown = process.argv.slice(2).filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length) fail(new Error(`Unknown part: ${unknown.join(', ')}. Available parts: ${allParts.join(', ')}.`));
  const wanted = /** @type {Part[]} */ (process.argv.slice(2));
  try {
    setUp(wanted.length ? wanted : allParts);
  } catch (error) {
    fail(error);
  }
}
