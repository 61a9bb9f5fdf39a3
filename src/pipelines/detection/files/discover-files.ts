/** Finds the source files of a workspace: by git where there is git, by an own walk with ignore rules elsewhere. */
import { execFile } from 'node:child_process';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { count, measured } from '../../../probe/api/api.ts';
import { type Language, languageOf } from '../extract/languages.ts';

const run = promisify(execFile);

/** Folders that hold other people's code or tools' own data; never entered by the walk. */
const skipped = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'bower_components',
  '__pycache__',
  '.venv',
  'venv',
  '.tox',
  '.nox',
  '.mypy_cache',
  '.pytest_cache',
  '.vscode-test',
]);
/** Deepest folder that the walk enters. */
const deepestFolder = 100;

export interface Source {
  /** Path in the workspace, with `/`. */
  readonly name: string;
  readonly language: Language;
}

/** Every file of the workspace that is not ignored; paths with `/`, in order. */
export const listFiles = measured('file_discovery', 'list_files', async (workspace: string): Promise<string[]> => {
  const listed = await listByGit(workspace);
  // An ignored folder inside a repository is a workspace too, and git lists nothing of it.
  const names = listed?.length ? listed : await listByWalk(workspace);
  return [...new Set(names)].sort();
});

/** Those in a language that is known, with it. */
export const filterFiles = measured('file_discovery', 'filter_files', (names: readonly string[]): Source[] => {
  const sources: Source[] = [];
  for (const name of names) {
    const language = languageOf(name);
    if (language) sources.push({ name, language });
  }
  count('files', sources.length, { component: 'file_discovery' });
  return sources;
});

/** Nothing where git is missing, refuses, or does not know the folder. */
async function listByGit(workspace: string): Promise<string[] | undefined> {
  // A repository's own configuration must not make git start a program.
  const args = ['-c', 'core.fsmonitor=false', 'ls-files', '-co', '--exclude-standard', '-z'];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX)/.test(name)),
  );
  try {
    const { stdout } = await run('git', args, { cwd: workspace, env, maxBuffer: 2 ** 29, timeout: 60_000 });
    return stdout.split('\0').filter((name) => name !== '');
  } catch {
    return undefined;
  }
}

interface Rules {
  /** Folder that the rules stand in, with `/` at its end where it is not the workspace. */
  readonly base: string;
  readonly ignores: (name: string) => boolean;
}

/** As git would list them, without git: by the ignore files of the folders. */
export async function listByWalk(workspace: string): Promise<string[]> {
  const { default: ignore } = await import('ignore');
  const names: string[] = [];
  const enter = (folder: string, outer: readonly Rules[], depth: number): void => {
    const entries = readEntries(join(workspace, folder));
    let rules = outer;
    if (entries.some((entry) => entry.isFile() && entry.name === '.gitignore')) {
      const matcher = ignore().add(readText(join(workspace, folder, '.gitignore')));
      rules = [...outer, { base: folder, ignores: (name) => matcher.ignores(name) }];
    }
    for (const entry of entries) {
      const name = `${folder}${entry.name}`;
      // Links are not followed: what they lead to is found in its own place, or is outside.
      if (entry.isDirectory()) {
        if (skipped.has(entry.name) || depth >= deepestFolder || isIgnored(`${name}/`, rules)) continue;
        enter(`${name}/`, rules, depth + 1);
      } else if (entry.isFile() && !isIgnored(name, rules)) names.push(name);
    }
  };
  enter('', [], 0);
  return names;
}

function isIgnored(name: string, rules: readonly Rules[]): boolean {
  return rules.some(({ base, ignores }) => ignores(name.slice(base.length)));
}

function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
