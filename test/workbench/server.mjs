/** Starts a VS Code server on the loopback address, with separate data folders. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { codeServer, environment, node } from './setup.mjs';

/** Settings that disable the welcome page, chat, telemetry and network requests. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
};

/** Time limit until the server prints its address. */
const startTimeoutMs = 60_000;
/** Time that the server has for a clean exit before it is killed. */
const stopTimeoutMs = 3_000;

/**
 * @typedef {object} ServerOptions
 * @property {number} [port] A free port if absent.
 * @property {boolean} [trusted] Trusts every folder without asking (default true).
 * @property {Record<string, unknown>} [settings] Additional settings.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [extension] Extension to install: this project's folder or a VSIX file.
 * @property {string} [dataDir] Folder for user data. If absent, a temporary folder is used and removed at the end.
 */

/**
 * @typedef {object} Server
 * @property {string} origin `http://127.0.0.1:PORT`
 * @property {string} dataDir
 * @property {() => string} output Returns the output of the server so far.
 * @property {Promise<unknown>} ended Resolves when the server has ended for any reason.
 * @property {() => Promise<void>} stop Stops the server and all processes it started.
 */

/**
 * Starts code-server. Rejects with its output if it ends early or prints no address.
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startServer(options = {}) {
  const temporary = options.dataDir ? undefined : temporaryDir('pipescope-code-');
  const dataDir = options.dataDir ?? /** @type {string} */ (temporary);
  const clean = () => {
    if (temporary) removeDir(temporary);
  };
  try {
    const folders = { user: join(dataDir, 'data'), extensions: join(dataDir, 'extensions') };
    writeSettings(folders.user, options.settings);
    if (options.extension) installExtension(options.extension, dataDir, folders);
    const parameters = [...commandLine(dataDir, folders), '--auth', 'none'];
    parameters.push('--bind-addr', `127.0.0.1:${options.port ?? 0}`);
    if (options.trusted ?? true) parameters.push('--disable-workspace-trust');
    return { dataDir, ...(await serve(parameters, cleanEnvironment(options.env), clean)) };
  } catch (error) {
    clean();
    throw error;
  }
}

/**
 * Starts the server in a new process group, which is killed when this process exits.
 * @param {string[]} parameters
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} clean Removes the temporary files of the server.
 * @returns {Promise<Omit<Server, 'dataDir'>>}
 */
async function serve(parameters, env, clean) {
  const child = spawn(node, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  // Signals the whole group: server, extension host and pipelines.
  const kill = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {} // The group has already ended.
  };
  const atExit = () => {
    kill('SIGKILL');
    clean();
  };
  process.once('exit', atExit);
  const ended = new Promise((resolve) => child.once('exit', resolve));

  const stop = async () => {
    kill('SIGTERM');
    const timeout = new Promise((resolve) => setTimeout(resolve, stopTimeoutMs).unref());
    await Promise.race([ended, timeout]);
    process.off('exit', atExit);
    atExit();
  };
  let output = '';
  try {
    const origin = await new Promise((resolve, reject) => {
      const listen = (/** @type {Buffer} */ chunk) => {
        output += chunk;
        const address = /listening on (http:\/\/127\.0\.0\.1:\d+)\//.exec(output)?.[1];
        if (address) resolve(address);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`VS Code ended before it printed its address:\n${output}`)));
      const onTimeout = () => reject(new Error(`VS Code printed no address in ${startTimeoutMs} ms:\n${output}`));
      setTimeout(onTimeout, startTimeoutMs).unref();
    });
    return { origin, output: () => output, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Writes the settings unless there are some from before. @param {string} userDir @param {Record<string, unknown>} [settings] */
function writeSettings(userDir, settings) {
  const file = join(userDir, 'User/settings.json');
  if (existsSync(file)) return;
  mkdirSync(join(userDir, 'User'), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
}

/** @typedef {{ readonly user: string, readonly extensions: string }} Folders */

/** @param {string} dataDir @param {Folders} folders */
function commandLine(dataDir, folders) {
  const config = join(dataDir, 'config.yaml');
  writeFileSync(config, '{}\n');
  return [
    join(codeServer, 'out/node/entry.js'),
    ...['--config', config, '--user-data-dir', folders.user, '--extensions-dir', folders.extensions],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
  ];
}

/**
 * Installs a VSIX through VS Code, or links a folder. With a link, a new build takes effect on the next window reload, and
 * source maps lead to the sources.
 * @param {string} extension @param {string} dataDir @param {Folders} folders
 */
function installExtension(extension, dataDir, folders) {
  rmSync(folders.extensions, { recursive: true, force: true });
  mkdirSync(folders.extensions, { recursive: true });
  if (extension.endsWith('.vsix')) {
    const parameters = [...commandLine(dataDir, folders), '--install-extension', extension];
    execFileSync(node, parameters, { env: cleanEnvironment(), stdio: 'pipe' });
    return;
  }
  // Links the whole folder, because VS Code identifies the extension that calls its API by the real path of the module.
  symlinkSync(extension, join(folders.extensions, 'pipescope'), 'junction');
}

/** Returns the environment without variables of an outer VS Code or npm. @param {NodeJS.ProcessEnv} [more] */
function cleanEnvironment(more = {}) {
  const inherited = /^(PORT|PASSWORD|HASHED_PASSWORD|NODE_OPTIONS|ELECTRON_RUN_AS_NODE|VSCODE_.*|npm_.*)$/;
  const kept = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  // Without a marketplace, VS Code makes no requests to other machines.
  return environment({ ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...more });
}

/** Creates a temporary folder and returns its real path. @param {string} prefix */
export function temporaryDir(prefix) {
  return mkdtempSync(join(realpathSync(tmpdir()), prefix));
}

/** @param {string} folder */
export function removeDir(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
