/** Starts a VS Code that is served on this machine's loopback address, with data folders of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { codeServer, environment, node } from './setup.mjs';

/** What makes VS Code calm: no welcome, no chat, no telemetry, no look-ups of anything. */
const calm = {
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

/** Longest wait for the server's address. */
const startMs = 60_000;
/** Given to the server to end in order before it is killed. */
const stopMs = 3_000;

/**
 * @typedef {object} ServerOptions
 * @property {number} [port] A free one without it.
 * @property {boolean} [trusted] Every folder is trusted, without a question; true without it.
 * @property {Record<string, unknown>} [settings] Beside the calm ones.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [extension] Installed for everyone who opens the address: this project's folder, or a VSIX file.
 * @property {string} [dataDir] Kept; without it a temporary folder that goes with the server.
 */

/**
 * @typedef {object} Server
 * @property {string} origin `http://127.0.0.1:PORT`
 * @property {string} dataDir
 * @property {() => string} output What the server has printed so far.
 * @property {Promise<unknown>} ended Resolves when it has ended, by itself or stopped.
 * @property {() => Promise<void>} stop Ends the server and all that it started.
 */

/**
 * Starts code-server; rejects with what it printed if it ends early or stays silent.
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
 * Starts the server's process in a group of its own, which ends with ours, however that comes.
 * @param {string[]} parameters
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} clean Removes what the server leaves behind.
 * @returns {Promise<Omit<Server, 'dataDir'>>}
 */
async function serve(parameters, env, clean) {
  const child = spawn(node, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  // The group: server, extension host, pipelines.
  const kill = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {} // It is gone already.
  };
  const atExit = () => {
    kill('SIGKILL');
    clean();
  };
  process.once('exit', atExit);
  const ended = new Promise((resolve) => child.once('exit', resolve));

  const stop = async () => {
    kill('SIGTERM');
    const patience = new Promise((resolve) => setTimeout(resolve, stopMs).unref());
    await Promise.race([ended, patience]);
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
      child.once('exit', () => reject(new Error(`VS Code ended before it served anything:\n${output}`)));
      setTimeout(() => reject(new Error(`VS Code gave no address in ${startMs} ms:\n${output}`)), startMs).unref();
    });
    return { origin, output: () => output, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Settings that a person has changed stay. @param {string} userDir @param {Record<string, unknown>} [settings] */
function writeSettings(userDir, settings) {
  const file = join(userDir, 'User/settings.json');
  if (existsSync(file)) return;
  mkdirSync(join(userDir, 'User'), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...calm, ...settings }, null, 2));
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
 * A VSIX is unpacked by VS Code itself. A folder is linked, so that what is built next runs at the next reload and source
 * maps lead to the sources.
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
  // The folder as one: VS Code tells whose code calls it by the real path of a module, which must lie inside the extension.
  symlinkSync(extension, join(folders.extensions, 'pipescope'), 'junction');
}

/** Without what an outer VS Code or npm would tell the inner one. @param {NodeJS.ProcessEnv} [more] */
function cleanEnvironment(more = {}) {
  const foreign = /^(PORT|PASSWORD|HASHED_PASSWORD|NODE_OPTIONS|ELECTRON_RUN_AS_NODE|VSCODE_.*|npm_.*)$/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  // No marketplace: nothing is looked up outside this machine.
  return environment({ ...Object.fromEntries(own), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...more });
}

/** A new folder of the system's temporary one, by its real path. @param {string} prefix */
export function temporaryDir(prefix) {
  return mkdtempSync(join(realpathSync(tmpdir()), prefix));
}

/** @param {string} folder */
export function removeDir(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
