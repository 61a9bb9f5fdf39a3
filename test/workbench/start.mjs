/**
 * `npm start [-- DIR] [-- --no-open] [-- --port N]`: builds Pipescope and opens it in VS Code on a workspace, by default this
 * repository. It uses a desktop `code` on the PATH. If there is none, or with `--no-open`, VS Code is served on the loopback
 * address until interrupted. `--built` uses the existing build.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { findProgram } from './browser.mjs';
import { startServer } from './server.mjs';
import { environment, fail, node, root, setUp } from './setup.mjs';

const usage = 'Usage: npm start [-- DIR] [-- --no-open] [-- --port N]';

function readArguments() {
  const options = { folder: root, open: true, port: 0, built: false };
  const parameters = process.argv.slice(2);
  for (let text = parameters.shift(); text !== undefined; text = parameters.shift()) {
    if (text === '--no-open') options.open = false;
    else if (text === '--built') options.built = true;
    else if (text === '--port') options.port = Number(parameters.shift());
    else if (text.startsWith('-')) throw new Error(`Unknown option ${text}.\n${usage}`);
    else options.folder = resolve(process.env['INIT_CWD'] ?? '.', text);
  }
  if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535) throw new Error(usage);
  if (!statSync(options.folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`${options.folder} is not a folder. Pass the workspace to open.\n${usage}`);
  }
  return options;
}

function build() {
  const { status } = spawnSync(node, ['esbuild.config.mjs'], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('The build failed. See the output above.');
}

/** @param {string} code @param {string} folder */
function openDesktop(code, folder) {
  const { status } = spawnSync(code, [`--extensionDevelopmentPath=${root}`, folder], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`Could not start ${code}.`);
  console.log(`Pipescope is open in VS Code on ${folder}`);
}

/** @param {ReturnType<typeof readArguments>} options */
async function serve({ folder, open, port }) {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const dataDir = join(cache, 'pipescope', 'start');
  mkdirSync(dataDir, { recursive: true });
  const server = await startServer({ port, dataDir, extension: root });
  const address = `${server.origin}/?folder=${encodeURI(folder)}`;
  console.log(`Settings and run history are kept in ${dataDir}`);
  console.log(`Pipescope is ready: ${address}`);
  console.log('Press Ctrl+C to stop.');
  if (open) openBrowser(address);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      await server.stop();
      process.exit(0);
    });
  }
  await server.ended;
  await server.stop();
  throw new Error(`VS Code ended unexpectedly:\n${server.output()}`);
}

/** Opens the address in the default browser if there is a display. @param {string} address */
function openBrowser(address) {
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  /** @type {Partial<Record<NodeJS.Platform, string[]>>} */
  const openers = { darwin: ['open'], win32: ['explorer.exe'], linux: display ? ['xdg-open'] : [] };
  const [program, ...parameters] = openers[process.platform] ?? [];
  if (!program) return;
  const child = spawn(program, [...parameters, address], { stdio: 'ignore', detached: true });
  child.once('error', () => {}); // The user can still open the printed address.
  child.unref();
}

try {
  const options = readArguments();
  setUp(['packages']);
  const desktop = options.open && findProgram('code');
  if (!desktop) setUp(['code']);
  if (!options.built) build();
  if (desktop) openDesktop(desktop, options.folder);
  else await serve(options);
} catch (error) {
  fail(error);
}
