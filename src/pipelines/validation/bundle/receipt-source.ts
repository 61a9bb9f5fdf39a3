/** Which tracked content was looked at, told by hashes, so that a receipt holds for it and for no other. */
import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../../../protocol/receipt.ts';

/** Git's tree of this folder and what differs from it; nothing without git, or before the first commit. */
export async function sourceOf(root: string): Promise<Source | undefined> {
  const [tree, changed] = await Promise.all([
    git(root, ['rev-parse', '--verify', '--quiet', 'HEAD:./']),
    git(root, ['diff', '--name-only', '-z', '--relative', '--no-ext-diff', 'HEAD', '--', '.']),
  ]);
  if (tree === undefined || changed === undefined) return undefined;
  const files = changed.split('\0').filter(Boolean).sort();
  return { tree: tree.trim(), ...(files.length > 0 ? { dirty: await hashOfFiles(root, files) } : {}) };
}

/** Each by name, kind and content; a file that is gone by its name alone. */
async function hashOfFiles(root: string, files: readonly string[]): Promise<string> {
  const whole = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256');
    const kind = await take(content, join(root, file));
    whole.update(`${file}\0${kind}\0${content.digest('hex')}\0`);
  }
  return whole.digest('hex');
}

async function take(content: Hash, path: string): Promise<'file' | 'program' | 'link' | 'folder' | 'gone'> {
  try {
    const about = await lstat(path);
    if (about.isSymbolicLink()) {
      content.update(await readlink(path));
      return 'link';
    }
    // A module of another repository: its commit is its own matter.
    if (!about.isFile()) return 'folder';
    for await (const piece of createReadStream(path)) content.update(piece as Buffer);
    return about.mode & 0o100 ? 'program' : 'file';
  } catch {
    return 'gone';
  }
}

function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  // Optional locks off: a look must not disturb a git command of the user's.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0' };
  return new Promise((done) => {
    execFile('git', args, { cwd, env, timeout: 10_000, maxBuffer: 64e6 }, (error, stdout) =>
      done(error ? undefined : stdout),
    );
  });
}
