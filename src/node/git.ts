/** Asks git about a workspace: on which commit it stands, and what the tools of other rooms want to know. */
import { execFile } from 'node:child_process';
import { HumanError } from '../core/human-error.ts';
import type { Git } from '../protocol/snapshot.ts';

const looksMs = 5000;
const worksMs = 120_000;

/** Commit, branch and whether tracked files differ; nothing where there is no git or no commit. */
export async function gitOf(workspace: string): Promise<Git | undefined> {
  const text = await git(workspace, ['status', '--porcelain=v2', '--branch', '--untracked-files=no']);
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter(Boolean);
  const commit = header(lines, 'branch.oid');
  if (!commit || commit === '(initial)') return undefined;
  const branch = header(lines, 'branch.head');
  return {
    commit,
    ...(branch && branch !== '(detached)' ? { branch } : {}),
    dirty: lines.some((line) => !line.startsWith('#')),
  };
}

/** What a git command prints; nothing where it fails. */
export async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  const { error, stdout } = await started(cwd, args, looksMs);
  return error ? undefined : stdout;
}

/** As `git`, with time to work; rejects with a HumanError that has git's own words. */
export async function gitText(cwd: string, args: readonly string[]): Promise<string> {
  const { error, stdout, stderr } = await started(cwd, args, worksMs);
  if (!error) return stdout;
  throw new HumanError(
    `git ${args.slice(0, 2).join(' ')} failed: ${stderr.trim().split('\n').at(-1) || error.message}`,
  );
}

function header(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3);
}

interface Said {
  readonly error: Error | null;
  readonly stdout: string;
  readonly stderr: string;
}

function started(cwd: string, args: readonly string[], timeout: number): Promise<Said> {
  // Optional locks off: a look must not disturb a git command of the user's.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0' };
  return new Promise((done) => {
    execFile('git', args, { cwd, env, timeout, maxBuffer: 16e6 }, (error, stdout, stderr) =>
      done({ error, stdout, stderr }),
    );
  });
}
