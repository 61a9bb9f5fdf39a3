/** Runs Git without programs from the repository's configuration, and always on the given folder. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Variables that redirect Git to another repository; set if we run in a Git hook, for example. */
const locationVariables =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|EXTERNAL_DIFF|CONFIG_PARAMETERS)$/;

/** Global options, to be passed before the Git command. */
export const gitArguments: readonly string[] = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];

/** Returns the environment for Git. Git takes no optional locks, so that it does not block the user's Git commands. */
export function gitEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const variables = Object.entries(environment).filter(([name]) => !locationVariables.test(name));
  return { ...Object.fromEntries(variables), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** Returns the output of a Git command, or undefined if it fails: no Git, no repository, or an error. */
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
