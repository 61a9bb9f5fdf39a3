/** Finds the projects of a workspace: at its root, in its members, in folders with a lock file, or else in the nearest folders below. */
import { posix } from 'node:path';
import { defined } from '../../../protocol/defined.ts';
import { folderOf } from './folders.ts';
import { isForeignName, isTestName } from './foreign/file-names.ts';
import { type ManifestFormat, manifestFormats } from './manifest-formats.ts';
import type { Repository, Stack } from './repository.ts';
import { findMembers } from './workspace-members.ts';

export interface StackReader {
  readonly repository: Repository;
  /** Returns whether a file exists, tracked or not. */
  exists(file: string): boolean;
}

/** Maximum depth of manifests that are neither at the root nor in a workspace member. */
const maxDepth = 3;
const maxStacks = 500;
/** Folders whose manifests are not part of the product. */
const auxiliaryFolders =
  /(?:^|\/)(?:examples?|samples?|demos?|docs?|documentation|templates?|benchmarks?|benches|playgrounds?|website|\.[^/]+)(?:\/|$)/i;

/** Returns the projects sorted by folder, then in the order of `manifestFormats`. */
export async function findStacks(files: readonly string[], reader: StackReader): Promise<readonly Stack[]> {
  const stacks = await Promise.all(manifestFormats.map((format) => findStacksOf(format, files, reader)));
  return stacks
    .flat()
    .sort((a, b) => (a.folder === b.folder ? 0 : a.folder < b.folder ? -1 : 1))
    .slice(0, maxStacks);
}

async function findStacksOf(format: ManifestFormat, files: readonly string[], reader: StackReader): Promise<Stack[]> {
  const manifests = manifestsByFolder(format, files);
  const stacks = new Map<string, Stack>();
  const add = async (folder: string, parent?: Stack): Promise<void> => {
    if (stacks.has(folder)) return;
    const manifest = await findProjectManifest(manifests.get(folder) ?? [], format, reader);
    if (manifest === undefined) return;
    const detected = await format.packageManager(folder, manifest, reader);
    const packageManager = detected ?? parent?.packageManager ?? format.defaultPackageManager;
    const workspace = parent && (parent.workspace ?? parent.folder);
    const stack = { id: format.id, folder, manifest, packageManager, ...defined({ workspace }) };
    stacks.set(folder, stack);
    const globs = await format.members(manifest, reader);
    const members = findMembers([...manifests.keys()], folder, globs).filter(
      (member) => member !== folder && !isForeignName(`${member}/x`),
    );
    for (const member of members) await add(member, stack);
  };
  await add('');
  const folders = [...manifests.keys()].filter(isProductFolder).sort((a, b) => depthOf(a) - depthOf(b));
  // A root that is not a project itself may still name members.
  for (const member of findMembers(folders, '', await format.rootMembers(reader))) await add(member);
  const minDepth = depthOf(folders[0] ?? '');
  if (stacks.size === 0 && minDepth <= maxDepth) {
    for (const folder of folders.filter((candidate) => depthOf(candidate) === minDepth)) await add(folder);
  }
  // Applications beside a root that only has scripts for all of them.
  for (const folder of folders) if (depthOf(folder) <= maxDepth && format.isLocked(folder, reader)) await add(folder);
  return [...stacks.values()];
}

/** Returns the manifests of each folder, in the order of the format's names. */
function manifestsByFolder(format: ManifestFormat, files: readonly string[]): Map<string, string[]> {
  const manifests = new Map<string, string[]>();
  for (const name of format.names) {
    for (const file of files) {
      if (posix.basename(file) !== name) continue;
      const folder = folderOf(file);
      manifests.set(folder, [...(manifests.get(folder) ?? []), file]);
    }
  }
  return manifests;
}

/** Returns the first manifest that defines a project. A pyproject.toml may only configure tools beside a setup.py. */
async function findProjectManifest(
  manifests: readonly string[],
  format: ManifestFormat,
  reader: StackReader,
): Promise<string | undefined> {
  for (const manifest of manifests) if (await format.isProject(manifest, reader)) return manifest;
  return undefined;
}

function isProductFolder(folder: string): boolean {
  const fileInside = `${folder}/x`;
  return !isForeignName(fileInside) && !isTestName(fileInside) && !auxiliaryFolders.test(folder);
}

function depthOf(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}
