/** Runs git without programs from the repository's configuration, and always on the given folder. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Variables that redirect git to another repository; set if we run in a git hook, for example. */
const locationVariables =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|EXTERNAL_DIFF|CONFIG_PARAMETERS)$/;

/** Global options, to be passed before the git command. */
export const gitArguments: readonly string[] = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];

/** Returns the environment for git. Git takes no optional locks, so that it does not block the user's git commands. */
export function gitEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const variables = Object.entries(environment).filter(([name]) => !locationVariables.test(name));
  return { ...Object.fromEntries(variables), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** Returns the output of a git command, or undefined if it fails: no git, no repository, or an error. */
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
