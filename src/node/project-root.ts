import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { readRegularText } from '../process/read-regular-file.ts';
import { parseJson } from '../protocol/parse-json.ts';
import { isRecord } from '../protocol/schema.ts';

const maxDepth = 40;
const maxManifestBytes = 1024 * 1024;
/** Files in the root folder of a monorepo. */
const rootFiles = ['pnpm-workspace.yaml', 'lerna.json', 'rush.json', 'nx.json', 'turbo.json', 'go.work'];

/**
 * Returns the folder of the repository or monorepo that contains a workspace, so that code of sibling packages counts as
 * the user's own; the workspace itself if there is none. Never returns the home folder or a folder above it.
 */
export function findProjectRoot(workspace: string, home = homedir()): string {
  let root: string | undefined;
  let folder = workspace;
  for (let depth = 0; depth < maxDepth && !isSameOrAbove(folder, home); depth++) {
    if (isMonorepoRoot(folder)) root = folder;
    // Nothing above a repository belongs to it.
    if (exists(join(folder, '.git'))) return folder;
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return root ?? workspace;
}

function isSameOrAbove(folder: string, home: string): boolean {
  const inside = relative(folder, home);
  return !inside.startsWith('..') && !isAbsolute(inside);
}

function isMonorepoRoot(folder: string): boolean {
  return rootFiles.some((name) => exists(join(folder, name))) || hasWorkspaces(join(folder, 'package.json'));
}

function hasWorkspaces(manifest: string): boolean {
  const text = readRegularText(manifest, { maxBytes: maxManifestBytes });
  const content = text === undefined ? undefined : parseJson(text);
  return isRecord(content) && Boolean(content['workspaces']);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
