/** Which commit a workspace stands on. */
import { execFile } from 'node:child_process';
import type { Git } from '../protocol/snapshot.ts';

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

function header(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3);
}

function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  // Optional locks off: a look must not disturb a git command of the user's.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0' };
  return new Promise((done) => {
    execFile('git', args, { cwd, env, timeout: 5000, maxBuffer: 16e6 }, (error, stdout) =>
      done(error ? undefined : stdout),
    );
  });
}
