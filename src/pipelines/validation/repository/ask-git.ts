/** How git is asked: without programs that a repository's own configuration names, and about this folder only. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What git looks at is the folder it is started in, whatever git started us (a hook, for one). */
const located =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|EXTERNAL_DIFF|CONFIG_PARAMETERS)$/;

/** Stand before git's own command. */
export const gitArguments: readonly string[] = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];

/** The environment that git is started in; it takes no locks, so that it is in nobody's way. */
export function gitEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !located.test(name));
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** Output of a git command that succeeds, else nothing: git is missing, refuses, or does not know the folder. */
export async function askGit(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', [...gitArguments, ...args], {
      cwd: folder,
      env: gitEnvironment(),
      maxBuffer: 2 ** 29,
      timeout: 60_000,
    });
    return stdout;
  } catch {
    return undefined;
  }
}
