/** Compares the version of an installed tool with the one that the project uses. A tool of another version is not run. */
import { posix } from 'node:path';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { CheckContext } from '../../../../check/check.ts';
import { foldersAround } from '../../../../repository/folders.ts';
import { field } from '../../../../repository/manifest-formats.ts';
import type { Repository } from '../../../../repository/repository.ts';
import { matchesSpecifier } from '../../../workspace/config/version-specifier.ts';
import { runTool } from '../tool.ts';
import { findPythonPins } from './python-pins.ts';

/** Keys of package.json that require tools. */
const requirementKeys = ['devDependencies', 'dependencies', 'optionalDependencies'];

/**
 * Returns why an installed package of Node must not judge the project: package.json requires another version. Returns
 * undefined if the versions agree or one of them is unknown.
 */
export async function findNodeConflict(
  repository: Repository,
  packageName: string,
  folder: string,
): Promise<string | undefined> {
  const installed = await findInstalledVersion(repository, packageName, folder);
  if (installed === undefined) return undefined;
  for (const around of foldersAround(folder)) {
    const manifest = posix.join(around, 'package.json');
    const content = await repository.json(manifest);
    const range = requirementKeys.map((key) => field(field(content, key), packageName)).find(Boolean);
    if (typeof range !== 'string') continue;
    // A tag, an alias or a reference to a catalog is not a range.
    if (validRange(range) === null || satisfies(installed, range, { includePrerelease: true })) return undefined;
    return `${packageName} ${installed} is installed, but ${manifest} requires ${range}. Install the dependencies.`;
  }
  return undefined;
}

/** Returns the version of a package in the nearest `node_modules` around a folder, or undefined if it is not installed. */
export async function findInstalledVersion(
  repository: Repository,
  packageName: string,
  folder: string,
): Promise<string | undefined> {
  for (const around of foldersAround(folder)) {
    const content = await repository.json(posix.join(around, 'node_modules', packageName, 'package.json'));
    const version = field(content, 'version');
    if (typeof version === 'string') return version;
  }
  return undefined;
}

/**
 * Returns why a tool of Python must not judge the project: the project uses another version, or the tool does not come from
 * the project's environment and the project does not say which version it uses. Returns undefined if the tool may run, or
 * if it is not installed.
 */
export async function findPythonConflict(
  context: CheckContext,
  { name, program, folder }: { readonly name: string; readonly program: string; readonly folder: string },
): Promise<string | undefined> {
  const version = await readVersion(context, program, folder);
  if (version === undefined) return undefined;
  const pins = await findPythonPins(context.repository, folder, name);
  // An exact version, such as that of a lock file, tells more than a range.
  const exact = pins.filter(({ specifier }) => /^===?[^*]+$/.test(specifier));
  const decisive = exact.length > 0 ? exact : pins;
  if (decisive.some(({ specifier }) => matchesSpecifier(version, specifier) !== false)) return undefined;
  const [pin] = decisive;
  if (pin) return `${name} ${version} is installed, but ${pin.file} requires ${name}${pin.specifier}.`;
  if (program !== name || process.env['VIRTUAL_ENV'] !== undefined) return undefined;
  return `${name} ${version} is installed on this machine, but the project does not say which version it uses. Install ${name} in the project's virtual environment.`;
}

/** Returns the release that a tool prints for `--version`, such as `1.17.1`. */
async function readVersion(context: CheckContext, program: string, folder: string): Promise<string | undefined> {
  const result = await runTool(context, program, ['--version'], { cwd: folder });
  return result?.code === 0 ? /\d+(?:\.\d+)+/.exec(result.stdout)?.[0] : undefined;
}

/**
 * Returns why the installed Rust toolchain must not judge the project: the project pins another one. rustup starts the
 * pinned one by itself, but a toolchain of the operating system does not know the pin.
 */
export async function findRustConflict(context: CheckContext, folder: string): Promise<string | undefined> {
  const { repository } = context;
  for (const around of foldersAround(folder)) {
    for (const name of ['rust-toolchain.toml', 'rust-toolchain']) {
      const file = posix.join(around, name);
      const text = await repository.text(file);
      if (text === undefined) continue;
      const channel = /^\s*channel\s*=\s*["']([^"']+)["']/m.exec(text)?.[1] ?? /^[\w.-]+\s*$/.exec(text)?.[0].trim();
      const result = await runTool(context, 'cargo', ['--version'], { cwd: folder, env: { RUSTUP_AUTO_INSTALL: '0' } });
      const installed = result?.code === 0 ? (/^cargo (\S+)/.exec(result.stdout)?.[1] ?? '') : undefined;
      if (channel === undefined || installed === undefined || isToolchain(channel, installed)) return undefined;
      return `cargo ${installed} is installed, but ${file} requires ${channel}.`;
    }
  }
  return undefined;
}

function isToolchain(channel: string, installed: string): boolean {
  const release = /^\d+\.\d+(?:\.\d+)?/.exec(channel)?.[0];
  if (release !== undefined) return installed === release || installed.startsWith(`${release}.`);
  return installed.includes('nightly') === channel.startsWith('nightly');
}
