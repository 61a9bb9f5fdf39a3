/** Prepares a Rust project without a Cargo.lock for cargo, which would otherwise write one into the workspace. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../../../../../detection/files/content-hash.ts';

/** Files and folders that cargo writes. */
const outputs: ReadonlySet<string> = new Set(['Cargo.lock', 'target', '.git']);

/**
 * Returns a folder in the cache that contains links to everything in a project except what cargo writes. Cargo then
 * creates its lock file there.
 */
export async function linkCrate(root: string, folder: string, cacheFolder: string): Promise<string> {
  const project = join(root, folder);
  const copy = join(cacheFolder, 'crates', hashOf(project).slice(0, 16));
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const name of readdirSync(project)) {
    if (!outputs.has(name)) await symlink(join(project, name), join(copy, name));
  }
  return copy;
}

/** Returns whether the project has a lock file, committed or not. */
export const hasLock = (root: string, folder: string): boolean => existsSync(join(root, folder, 'Cargo.lock'));
