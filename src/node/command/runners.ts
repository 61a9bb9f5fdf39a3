/** How one file of a workspace is run: by which program, and what is missing where none can. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, extname, isAbsolute, join, relative } from 'node:path';
import { HumanError } from '../../core/human-error.ts';

export interface RunnerOptions {
  readonly workspace: string;
  /** Where a person has set one; relative to the workspace or absolute, or a name on the PATH. */
  readonly pythonPath?: string;
  readonly env?: NodeJS.ProcessEnv;
}

type Words = readonly [string, ...string[]];

interface Runner {
  readonly extensions: readonly string[];
  words(file: string, options: RunnerOptions): Words;
}

/** A row adds a kind of file. */
export const runners: readonly Runner[] = [
  { extensions: ['.js', '.mjs', '.cjs'], words: (file) => ['node', file] },
  { extensions: ['.ts', '.mts', '.cts', '.tsx', '.jsx'], words: typed },
  { extensions: ['.py'], words: (file, options) => [pythonOf(options), file] },
];

/** Throws a HumanError where nothing can run it. */
export function fileWords(file: string, options: RunnerOptions): Words {
  const runner = runners.find(({ extensions }) => extensions.includes(extname(file).toLowerCase()));
  if (runner) return runner.words(file, options);
  const known = runners.flatMap(({ extensions }) => extensions).join(' ');
  throw new HumanError(`Files of this kind cannot be run (known: ${known}). Use Profile Command… instead.`);
}

/** Loaders that a project may have of its own, by package and program: it has one because Node alone does not do. */
const loaders = ['tsx', 'ts-node'] as const;

function typed(file: string, { workspace, env = process.env }: RunnerOptions): Words {
  for (const folder of foldersUp(dirname(file), workspace)) {
    for (const loader of loaders) {
      const program = binOf(join(folder, 'node_modules', loader), loader);
      if (program) return ['node', program, file];
    }
  }
  if (/\.[mc]?ts$/.test(file) && stripsTypes(env)) return ['node', file];
  throw new HumanError('Node cannot run this file as it is. Add tsx to the project (npm install --save-dev tsx).');
}

function foldersUp(folder: string, top: string): readonly string[] {
  const way = relative(top, folder);
  if (way === '') return [top];
  return way.startsWith('..') || isAbsolute(way) ? [folder] : [folder, ...foldersUp(dirname(folder), top)];
}

function binOf(folder: string, name: string): string | undefined {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return undefined;
  const { bin } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly bin?: string | Readonly<Record<string, string>>;
  };
  const file = typeof bin === 'string' ? bin : bin?.[name];
  return file === undefined ? undefined : join(folder, file);
}

function stripsTypes(env: NodeJS.ProcessEnv): boolean {
  try {
    const answer = execFileSync('node', ['-p', 'process.features.typescript'], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /strip|transform/.test(answer);
  } catch {
    // No Node on the PATH: the run itself says so in its own words.
    return true;
  }
}

function pythonOf({ workspace, pythonPath, env = process.env }: RunnerOptions): string {
  if (pythonPath) return /[/\\]/.test(pythonPath) && !isAbsolute(pythonPath) ? join(workspace, pythonPath) : pythonPath;
  const own = ['bin/python', 'Scripts/python.exe'].map((path) => join(workspace, '.venv', path));
  return own.find((path) => existsSync(path)) ?? ['python3', 'python'].find((name) => isOnPath(name, env)) ?? 'python3';
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.bat', '.cmd'] : [''];
  return (env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => endings.some((ending) => existsSync(join(folder, name + ending))));
}
