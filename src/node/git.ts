/** Runs git commands in a workspace. */
import { type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ownGroup, TrackedProcess } from '../process/tracked-process.ts';
import { defined } from '../protocol/defined.ts';
import { programVariable } from '../protocol/environment-variables.ts';
import type { GitCommit } from '../protocol/snapshot.ts';

const timeoutMs = 5000;
/** Time between SIGTERM and SIGKILL. */
const killGraceMs = 100;
/** Time for the last output to arrive. A monitor that git has started may hold the pipe open. */
const drainMs = 500;
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
  try {
    return await execGit(cwd, args);
  } catch {
    // An argument that no program can receive, or no more processes.
    return undefined;
  }
}

function readHeader(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3);
}

/** Returns undefined if git fails. If it takes too long, it is ended together with the hooks that it runs. */
async function execGit(cwd: string, args: readonly string[]): Promise<string | undefined> {
  const id = randomUUID();
  // Without optional locks, a query does not interfere with the user's own git commands.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', [programVariable]: id };
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  const git = new TrackedProcess(
    () => spawn('git', args, { cwd, env, stdio, detached: ownGroup }) as ChildProcessByStdio<null, Readable, null>,
  );
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (): void => void git.kill({ marker: `${programVariable}=${id}`, graceMs: killGraceMs });
  git.child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxOutputBytes) chunks.push(chunk);
    else end();
  });
  const timer = setTimeout(end, timeoutMs);
  try {
    const { code } = await git.exited;
    await git.drain(drainMs);
    return code === 0 ? Buffer.concat(chunks).toString('utf8') : undefined;
  } catch {
    // Git is not installed, or the folder does not exist.
    return undefined;
  } finally {
    clearTimeout(timer);
    git.child.stdout.destroy();
  }
}
