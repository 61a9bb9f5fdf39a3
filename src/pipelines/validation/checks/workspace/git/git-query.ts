/** Asks git for a check, and says why where git does not answer. */
import { type Context, fault, type Outcome, type Ran, type RunOptions, skip } from '../../../check/check.ts';
import { gitArguments } from '../../../repository/ask-git.ts';

/** Paths of the largest repositories fit: a million of 60 characters. */
const longestList = 64 * 1024 * 1024;

/** What git says to these arguments; ends the check with an outcome where it refuses. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<Ran>;

export interface GitOptions extends RunOptions {
  /** From 1 up to this, an exit code is an answer too; 0 where none is given. */
  readonly answersTo?: number;
}

/** Ends a check from within. */
class Refusal extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.message);
    this.outcome = outcome;
  }
}

/** The check's deed for a repository of git; elsewhere it is skipped with the reason. */
export function withGit(
  look: (git: Git, context: Context) => Promise<Outcome>,
): (context: Context) => Promise<Outcome> {
  return async (context) => {
    if (!context.repository.git) return skip('no_git', 'The folder is in no git repository.');
    try {
      return await look(gitOf(context), context);
    } catch (error) {
      if (error instanceof Refusal) return error.outcome;
      throw error;
    }
  };
}

/** In English, since some of it is read here. */
function gitOf(context: Context): Git {
  return async (args, { answersTo = 0, ...options } = {}) => {
    const settings = { maxBytes: longestList, env: { LC_ALL: 'C' }, ...options };
    const ran = await context.run('git', [...gitArguments, ...args], settings);
    if (!ran) throw new Refusal(skip('tool_missing', 'git is not installed, so the repository cannot be asked.'));
    if (ran.code > answersTo) throw new Refusal(refused(args, ran.stderr));
    return ran;
  };
}

function refused(args: readonly string[], stderr: string): Outcome {
  const said = stderr.trim();
  const first = said.split('\n')[0] || 'it ended without a word';
  return fault(`git ${args[0]} does not answer: ${first}`, {
    evidence: [{ kind: 'command_output', content: said }],
    remediation: [
      {
        priority: 'high',
        title: 'Make git work in this folder',
        steps: [`Run “git ${args.join(' ')}” in the workspace and follow what it says.`],
      },
    ],
  });
}

/** Parts that end with NUL, as `-z` prints them. */
export const listOf = (output: string): string[] => output.split('\0').filter((part) => part !== '');

/** Folder of the workspace in its repository, with `/` at its end; empty at the top. */
export const prefixOf = async (git: Git): Promise<string> =>
  (await git(['rev-parse', '--show-prefix'])).stdout.trimEnd();
