import { realpathSync } from 'node:fs';

/** Tools whose process only starts the program in another one. */
interface LauncherRow {
  readonly name: string;
  /** Main script, with `/` between folders. */
  readonly script: RegExp;
  /** Returns true if the tool does the work itself with these arguments. */
  readonly worksItself?: (args: readonly string[]) => boolean;
}

/** Commands with which a package manager does something else than to start a program. */
const packageCommands =
  /^(?:install|i|ci|clean-install|add|update|up|upgrade|remove|rm|uninstall|un|audit|dedupe|fetch|import|link|list|ls|outdated|pack|prune|publish|rebuild|view|why)$/;

/** Options of package managers that have a value. */
const optionsWithValue = /^(?:-C|-w|-F|--dir|--prefix|--workspace|--filter|--cwd|--loglevel)$/;

function managesPackages(args: readonly string[]): boolean {
  const command = args.find((arg, index) => !arg.startsWith('-') && !optionsWithValue.test(args[index - 1] ?? ''));
  return command !== undefined && packageCommands.test(command);
}

/** `yarn` without a command installs. */
function yarnManagesPackages(args: readonly string[]): boolean {
  return managesPackages(args) || args.every((arg) => arg.startsWith('-'));
}

export const launchers: readonly LauncherRow[] = [
  { name: 'npm', script: /\/npm\/bin\/npm-cli\.js$/, worksItself: managesPackages },
  { name: 'npx', script: /\/npm\/bin\/npx-cli\.js$/ },
  { name: 'pnpm', script: /\/(?:pnpm\/(?:bin|dist)|corepack\/dist)\/pnpm\.[cm]?js$/, worksItself: managesPackages },
  { name: 'pnpx', script: /\/(?:pnpm\/(?:bin|dist)|corepack\/dist)\/pnpx\.[cm]?js$/ },
  {
    name: 'yarn',
    script: /\/(?:yarn(?:pkg)?\/bin\/yarn|corepack\/dist\/yarn(?:pkg)?|\.yarn\/releases\/yarn-[^/]+)\.[cm]?js$/,
    worksItself: yarnManagesPackages,
  },
  { name: 'npm', script: /\/corepack\/dist\/npm\.js$/, worksItself: managesPackages },
  { name: 'npx', script: /\/corepack\/dist\/npx\.js$/ },
  { name: 'corepack', script: /\/corepack\/dist\/corepack\.js$/ },
  { name: 'tsx', script: /\/tsx\/dist\/cli\.[cm]js$/ },
  {
    name: 'ts-node',
    script: /\/ts-node\/dist\/bin(?:-esm)?\.js$/,
    // Only ES modules are run in another process.
    worksItself: (args) => !args.includes('--esm'),
  },
  { name: 'ts-node', script: /\/ts-node\/dist\/bin-esm\.js$/ },
  { name: 'cross-env', script: /\/cross-env\/(?:src|dist)\/bin\/cross-env(?:-shell)?\.[cm]?js$/ },
  { name: 'dotenv', script: /\/dotenv-cli\/cli\.js$/ },
  { name: 'dotenvx', script: /\/@dotenvx\/dotenvx\/src\/cli\/dotenvx\.js$/ },
  { name: 'env-cmd', script: /\/env-cmd\/(?:bin|dist)\/(?:bin\/)?env-cmd\.js$/ },
  { name: 'nodemon', script: /\/nodemon\/bin\/nodemon\.js$/ },
  { name: 'concurrently', script: /\/concurrently\/dist\/bin\/(?:index|concurrently)\.[cm]?js$/ },
  { name: 'npm-run-all', script: /\/npm-run-all2?\/bin\/(?:npm-run-all|run-[ps])\/index\.js$/ },
];

/** Yarn's own script, which projects keep among their files. */
const ownScript = /\/\.yarn\/releases\//;

/**
 * Returns the name of the tool if a process only starts programs, or undefined. A tool that is the user's own code is a program
 * like any other.
 *
 * @param script path of the main script
 * @param args arguments of the program
 */
export function launcherName(
  script: string,
  args: readonly string[],
  isUserCode: (file: string) => boolean,
): string | undefined {
  const file = realPathOf(script);
  const path = file.replaceAll('\\', '/');
  const row = launchers.find((candidate) => candidate.script.test(path));
  if (!row || row.worksItself?.(args) || (isUserCode(file) && !ownScript.test(path))) return undefined;
  return row.name;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
