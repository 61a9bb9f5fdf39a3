/** Identifies the validated content by hashes, so that a receipt is valid for exactly that content. */
import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceTree } from '../../../protocol/validation/receipt.ts';

/** Returns the Git tree of a folder and a hash of changed files. Returns undefined without Git or before the first commit. */
export async function readSource(root: string): Promise<SourceTree | undefined> {
  const [tree, changed] = await Promise.all([
    git(root, ['rev-parse', '--verify', '--quiet', 'HEAD:./']),
    git(root, ['diff', '--name-only', '-z', '--relative', '--no-ext-diff', 'HEAD', '--', '.']),
  ]);
  if (tree === undefined || changed === undefined) return undefined;
  const files = changed.split('\0').filter(Boolean).sort();
  return { tree: tree.trim(), ...(files.length > 0 ? { dirty: await hashOfFiles(root, files) } : {}) };
}

/** Hashes name, kind and content of each file; a deleted file has no content. */
async function hashOfFiles(root: string, files: readonly string[]): Promise<string> {
  const total = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256');
    const kind = await hashInto(content, join(root, file));
    total.update(`${file}\0${kind}\0${content.digest('hex')}\0`);
  }
  return total.digest('hex');
}

/** Adds the content of a file to a hash and returns what kind of file it is. */
async function hashInto(hash: Hash, path: string): Promise<'file' | 'program' | 'link' | 'folder' | 'gone'> {
  try {
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) {
      hash.update(await readlink(path));
      return 'link';
    }
    // A submodule: its content belongs to another repository.
    if (!stat.isFile()) return 'folder';
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return stat.mode & 0o100 ? 'program' : 'file';
  } catch {
    return 'gone';
  }
}

function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  // Without optional locks, so that the user's Git commands are not blocked.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0' };
  return new Promise((resolve) => {
    execFile('git', args, { cwd, env, timeout: 10_000, maxBuffer: 64e6 }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
}
