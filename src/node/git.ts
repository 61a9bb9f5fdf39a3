/** Runs git commands in a workspace. */
import { execFile } from 'node:child_process';
import { HumanError } from '../core/human-error.ts';
import { defined } from '../protocol/defined.ts';
import type { GitCommit } from '../protocol/snapshot.ts';

const queryTimeoutMs = 5000;
const commandTimeoutMs = 120_000;
const maxOutputBytes = 16e6;

/** Returns the commit, the branch and whether tracked files are modified. Returns undefined without git or a commit. */
export async function readGitState(workspace: string): Promise<GitCommit | undefined> {
  const text = await queryGit(workspace, ['status', '--porcelain=v2', '--branch', '--untracked-files=no']);
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter(Boolean);
  const commit = readHeader(lines, 'branch.oid');
  if (!commit || commit === '(initial)') return undefined;
  const branch = readHeader(lines, 'branch.head');
  return {
    commit,
    ...defined({ branch: branch && branch !== '(detached)' ? branch : undefined }),
    dirty: lines.some((line) => !line.startsWith('#')),
  };
}

/** Returns the output of a git command, or undefined if it fails or takes longer than 5 s. */
export async function queryGit(cwd: string, args: readonly string[]): Promise<string | undefined> {
  const { error, stdout } = await execGit(cwd, args, queryTimeoutMs);
  return error ? undefined : stdout;
}

/** Returns the output of a git command that may take up to 2 minutes. Rejects with a HumanError with git's message. */
export async function runGit(cwd: string, args: readonly string[]): Promise<string> {
  const { error, stdout, stderr } = await execGit(cwd, args, commandTimeoutMs);
  if (!error) return stdout;
  const reason = stderr.trim().split('\n').at(-1) || error.message;
  throw new HumanError(`git ${args.slice(0, 2).join(' ')} failed: ${reason}`);
}

function readHeader(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3);
}

interface GitOutput {
  readonly error: Error | null;
  readonly stdout: string;
  readonly stderr: string;
}

function execGit(cwd: string, args: readonly string[], timeout: number): Promise<GitOutput> {
  // Without optional locks, a query does not interfere with the user's own git commands.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0' };
  return new Promise((resolve) => {
    execFile('git', args, { cwd, env, timeout, maxBuffer: maxOutputBytes }, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
  });
}
