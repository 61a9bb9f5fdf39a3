/** Lists the files of a repository with git, including those of submodules and nested repositories. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ListedFiles {
  /** Paths relative to the workspace, with `/`. */
  readonly names: readonly string[];
  /** Submodules that are not checked out, so that their files are missing. */
  readonly absent: readonly string[];
}

/** Returns undefined if git is missing or fails, e.g. because the folder is not in a repository. */
export async function listWithGit(folder: string): Promise<ListedFiles | undefined> {
  const listed = await runGit(folder, ['-co', '--exclude-standard']);
  if (!listed) return undefined;
  const submodules = listed.includes('.gitmodules') ? await listSubmodules(folder) : [];
  // Git lists an untracked repository as a folder.
  const nested = listed.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1));
  if (submodules.length + nested.length === 0) return { names: listed, absent: [] };
  const isFolder = new Set([...submodules, ...nested, ...nested.map((name) => `${name}/`)]);
  const names = listed.filter((name) => !isFolder.has(name));
  const absent: string[] = [];
  for (const name of new Set([...submodules, ...nested])) {
    // In a folder without a repository, git would list the repository around it.
    const inner = existsSync(join(folder, name, '.git')) ? await listWithGit(join(folder, name)) : undefined;
    if (!inner) absent.push(name);
    names.push(...(inner?.names ?? []).map((inside) => `${name}/${inside}`));
    absent.push(...(inner?.absent ?? []).map((inside) => `${name}/${inside}`));
  }
  return { names, absent };
}

const submoduleEntry = /^160000 [^\t]*\t(.*)$/s;

async function listSubmodules(folder: string): Promise<string[]> {
  const entries = (await runGit(folder, ['--stage'])) ?? [];
  return entries.flatMap((entry) => submoduleEntry.exec(entry)?.[1] ?? []);
}

/** Returns the output lines of `git ls-files`, or undefined if it fails. */
async function runGit(folder: string, args: readonly string[]): Promise<string[] | undefined> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX)/.test(name)),
  );
  // The repository's configuration must not make git start a program.
  const command = ['-c', 'core.fsmonitor=false', 'ls-files', ...args, '-z'];
  try {
    const { stdout } = await run('git', command, { cwd: folder, env, maxBuffer: 2 ** 29, timeout: 60_000 });
    return stdout.split('\0').filter((line) => line !== '');
  } catch {
    return undefined;
  }
}
