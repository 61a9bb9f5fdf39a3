/** Finds the program that runs a source file of the workspace. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, extname, isAbsolute, join, relative } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { readRegularText } from '../../process/read-regular-file.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isRecord } from '../../protocol/schema.ts';
import type { Argv } from './parse-command.ts';

export interface RunnerOptions {
  readonly workspace: string;
  /** Python interpreter from the settings: a path, absolute or relative to the workspace, or a name on the PATH. */
  readonly pythonPath?: string;
  readonly env?: NodeJS.ProcessEnv;
}

interface Runner {
  readonly extensions: readonly string[];
  command(file: string, options: RunnerOptions): Argv;
}

/** Table of runners by file extension. One row adds a kind of file. */
export const runners: readonly Runner[] = [
  { extensions: ['.js', '.mjs', '.cjs'], command: (file) => ['node', file] },
  { extensions: ['.ts', '.mts', '.cts', '.tsx', '.jsx'], command: typescriptCommand },
  { extensions: ['.py'], command: (file, options) => [pythonOf(options), file] },
];

/** Returns the command that runs a file. Throws a HumanError if no program can run it. */
export function fileCommand(file: string, options: RunnerOptions): Argv {
  const runner = runners.find(({ extensions }) => extensions.includes(extname(file).toLowerCase()));
  if (runner) return runner.command(file, options);
  const extensionList = runners.flatMap(({ extensions }) => extensions).join(' ');
  throw new HumanError(`Cannot run this type of file (supported: ${extensionList}). Use Profile Command… instead.`);
}

/** Larger manifests are ignored; no package has one. */
const maxManifestBytes = 1e6;

/** TypeScript loaders. If a project has installed one, Node alone probably cannot run its files. */
const loaders = ['tsx', 'ts-node'] as const;

function typescriptCommand(file: string, { workspace, env = process.env }: RunnerOptions): Argv {
  for (const folder of foldersUpTo(dirname(file), workspace)) {
    for (const loader of loaders) {
      const program = binOf(join(folder, 'node_modules', loader), loader);
      if (program) return ['node', program, file];
    }
  }
  if (/\.[mc]?ts$/.test(file) && stripsTypes(env)) return ['node', file];
  throw new HumanError('Node cannot run this file directly. Add tsx to the project: npm install --save-dev tsx');
}

function foldersUpTo(folder: string, top: string): readonly string[] {
  const path = relative(top, folder);
  if (path === '') return [top];
  return path.startsWith('..') || isAbsolute(path) ? [folder] : [folder, ...foldersUpTo(dirname(folder), top)];
}

function binOf(folder: string, name: string): string | undefined {
  const text = readRegularText(join(folder, 'package.json'), { maxBytes: maxManifestBytes });
  const manifest = text === undefined ? undefined : parseJson(text);
  const bin = isRecord(manifest) ? manifest['bin'] : undefined;
  const file = isRecord(bin) ? bin[name] : bin;
  return typeof file === 'string' ? join(folder, file) : undefined;
}

function stripsTypes(env: NodeJS.ProcessEnv): boolean {
  try {
    const feature = execFileSync('node', ['-p', 'process.features.typescript'], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /strip|transform/.test(feature);
  } catch {
    // Node is not on the PATH. Starting the program will report that.
    return true;
  }
}

function pythonOf({ workspace, pythonPath, env = process.env }: RunnerOptions): string {
  if (pythonPath) return /[/\\]/.test(pythonPath) && !isAbsolute(pythonPath) ? join(workspace, pythonPath) : pythonPath;
  const candidates = ['bin/python', 'Scripts/python.exe'].map((path) => join(workspace, '.venv', path));
  return (
    candidates.find((path) => existsSync(path)) ??
    ['python3', 'python'].find((name) => isOnPath(name, env)) ??
    'python3'
  );
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.bat', '.cmd'] : [''];
  return (env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => endings.some((ending) => existsSync(join(folder, name + ending))));
}
