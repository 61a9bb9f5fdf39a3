/** Runs git for a check. If git is missing or fails, the check ends with an outcome that explains why. */
import {
  type CheckContext,
  type CheckOutcome,
  fail,
  type ProgramOptions,
  type ProgramResult,
  skip,
} from '../../../check/check.ts';
import { gitArguments } from '../../../repository/ask-git.ts';

/** Maximum size of git's output, enough for one million paths of 60 characters. */
const maxOutputBytes = 64 * 1024 * 1024;

/** Runs a git command. Ends the check if git exits with an unexpected code. */
export type GitQuery = (args: readonly string[], options?: GitQueryOptions) => Promise<ProgramResult>;

interface GitQueryOptions extends ProgramOptions {
  /** Highest exit code that counts as an answer rather than a failure. Default: 0. */
  readonly maxExitCode?: number;
}

/** Thrown by a query to end the check with an outcome. */
class GitFailure extends Error {
  readonly outcome: CheckOutcome;

  constructor(outcome: CheckOutcome) {
    super(outcome.message);
    this.outcome = outcome;
  }
}

/** Wraps the body of a check that needs a Git repository. Skips the check if the workspace is not in one. */
export function withGit(
  run: (git: GitQuery, context: CheckContext) => Promise<CheckOutcome>,
): (context: CheckContext) => Promise<CheckOutcome> {
  return async (context) => {
    if (!context.repository.git) return skip('no_git', 'The workspace is not in a Git repository.');
    try {
      return await run(createQuery(context), context);
    } catch (error) {
      if (error instanceof GitFailure) return error.outcome;
      throw error;
    }
  };
}

/** Creates a query with an English locale, because checks parse some of the output. */
function createQuery(context: CheckContext): GitQuery {
  return async (args, { maxExitCode = 0, ...options } = {}) => {
    const settings = { maxBytes: maxOutputBytes, env: { LC_ALL: 'C' }, ...options };
    const result = await context.run('git', [...gitArguments, ...args], settings);
    if (!result) throw new GitFailure(skip('tool_missing', 'Git is not installed.'));
    if (result.code > maxExitCode) throw new GitFailure(describeFailure(args, result.stderr));
    return result;
  };
}

function describeFailure(args: readonly string[], stderr: string): CheckOutcome {
  const output = stderr.trim();
  const firstLine = output.split('\n')[0]?.replace(/\.$/, '') || 'no error message';
  return fail(`git ${args[0]} failed: ${firstLine}.`, {
    evidence: [{ kind: 'command_output', content: output }],
    remediation: [
      {
        priority: 'high',
        title: 'Make git work in this folder',
        steps: [`Run “git ${args.join(' ')}” in the workspace and follow its error message.`],
      },
    ],
  });
}

/** Splits NUL-terminated output, as printed by git's `-z` option. */
export const splitNul = (output: string): string[] => output.split('\0').filter((part) => part !== '');

/** Returns the path of the workspace inside its repository, ending with `/`. Empty at the top level. */
export const readPrefix = async (git: GitQuery): Promise<string> =>
  (await git(['rev-parse', '--show-prefix'])).stdout.trimEnd();
