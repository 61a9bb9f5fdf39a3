/** Finds the scripts of a `package.json` and the command that runs one. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { findNodeAtLocation } from 'jsonc-parser';
import { HumanError } from '../../core/human-error.ts';
import { parseJsonc } from '../config/parse-jsonc.ts';
import type { Argv } from './parse-command.ts';

export interface Script {
  readonly name: string;
  readonly command: string;
  /** Offset of the name in the text, in characters from 0. */
  readonly offset: number;
}

/** Returns an empty array if the text is not a package with scripts. Accepts incomplete JSON, e.g. while it is typed. */
export function parseScripts(text: string): readonly Script[] {
  const { tree } = parseJsonc(text);
  const scripts = tree && findNodeAtLocation(tree, ['scripts']);
  return (scripts?.children ?? []).flatMap(({ children = [] }) => {
    const [key, value] = children;
    if (typeof key?.value !== 'string' || typeof value?.value !== 'string') return [];
    return { name: key.value, command: value.value, offset: key.offset };
  });
}

/** Package managers by lock file. */
const managers = [
  { file: 'pnpm-lock.yaml', program: 'pnpm' },
  { file: 'yarn.lock', program: 'yarn' },
  { file: 'package-lock.json', program: 'npm' },
  { file: 'npm-shrinkwrap.json', program: 'npm' },
] as const;

type PackageManager = (typeof managers)[number]['program'];

/** Returns the package manager with the nearest lock file, from the package's folder up to the workspace; default npm. */
export function packageManagerOf(folder: string, workspace: string): PackageManager {
  const manager = managers.find(({ file }) => existsSync(join(folder, file)));
  if (manager) return manager.program;
  const parent = dirname(folder);
  return folder === workspace || parent === folder || relative(workspace, parent).startsWith('..')
    ? 'npm'
    : packageManagerOf(parent, workspace);
}

/**
 * Returns the command that runs a script. On Windows, package managers are batch files, which only cmd.exe can start.
 * @throws HumanError on Windows if cmd.exe would interpret a character of the script's name
 */
export function scriptCommand(program: string, name: string, isWindows = process.platform === 'win32'): Argv {
  if (!isWindows) return [program, 'run', name];
  if (/^[\w:.@/-]+$/.test(name)) return ['cmd.exe', '/d', '/c', program, 'run', name];
  throw new HumanError(
    `Cannot run the script “${name}” on Windows. Rename it, using only letters, digits and - _ . : @ /.`,
  );
}
