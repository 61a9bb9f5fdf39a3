/** Copies a workspace with its installed packages, without any link into the original, so that a build cannot change it. */
import { constants, existsSync, lstatSync } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';

/** Limits of installed packages; a copy of more takes too long. */
const maxFiles = 50_000;
const maxBytes = 500_000_000;
/** Folders of installed packages that only tools fill, as caches. */
const cacheName = /^\.(?:cache|vite|vitest|turbo|tmp)$/;

/** Reason why the workspace cannot be copied. */
class CopyRefused extends Error {}

interface Copy {
  readonly root: string;
  readonly target: string;
  readonly signal: AbortSignal;
  files: number;
  bytes: number;
}

/**
 * Copies into an existing empty folder. Returns why that is not possible, or undefined after success.
 * @param withPackages the copy also contains the installed packages of Node
 */
export async function copyWorkspace(
  { repository, signal }: CheckContext,
  target: string,
  withPackages: boolean,
): Promise<string | undefined> {
  const copy: Copy = { root: repository.root, target, signal, files: 0, bytes: 0 };
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  try {
    for (const folder of withPackages ? new Set(['', ...stacks.map((stack) => stack.folder)]) : [])
      if (existsSync(join(copy.root, folder, 'node_modules'))) await copyFolder(copy, join(folder, 'node_modules'));
    for (const file of await repository.files()) await copyEntry(copy, file);
    return undefined;
  } catch (error) {
    if (error instanceof CopyRefused) return error.message;
    throw error;
  }
}

async function copyFolder(copy: Copy, folder: string): Promise<void> {
  const source = join(copy.root, folder);
  if (lstatSync(source).isSymbolicLink()) throw new CopyRefused(`${folder} is a link.`);
  await mkdir(join(copy.target, folder), { recursive: true });
  for (const entry of await readdir(source, { withFileTypes: true })) {
    if (cacheName.test(entry.name)) continue;
    const name = join(folder, entry.name);
    if (entry.isDirectory()) await copyFolder(copy, name);
    else await copyEntry(copy, name);
  }
}

/** Copies a file or a link. Files share their blocks with the original where the file system can copy them on write. */
async function copyEntry(copy: Copy, name: string): Promise<void> {
  copy.signal.throwIfAborted();
  const [source, target] = [join(copy.root, name), join(copy.target, name)];
  const stat = lstatSync(source, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink()) return copyLink(copy, name);
  if (!stat?.isFile()) return undefined;
  copy.files++;
  copy.bytes += stat.size;
  if (copy.files > maxFiles || copy.bytes > maxBytes)
    throw new CopyRefused(`The workspace with its packages has more than ${maxFiles} files or ${maxBytes / 1e6} MB.`);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target, constants.COPYFILE_FICLONE);
}

/** Links inside the workspace lead to the same place in the copy. Others would let the build change what they lead to. */
async function copyLink(copy: Copy, name: string): Promise<void> {
  const link = await readlink(join(copy.root, name));
  const destination = relative(copy.root, resolve(dirname(join(copy.root, name)), link));
  if (destination.startsWith('..') || isAbsolute(destination))
    throw new CopyRefused(`${name} is a link that leads out of the workspace.`);
  const target = join(copy.target, name);
  await mkdir(dirname(target), { recursive: true });
  await symlink(relative(dirname(target), join(copy.target, destination)) || '.', target);
}
