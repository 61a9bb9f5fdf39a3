/** Finds the projects of a workspace: by manifests at its root, those of its members, or else the nearest below. */
import { posix } from 'node:path';
import { isForeignName, isTestName } from './file-names.ts';
import { folderOf } from './folders.ts';
import { type Manifest, manifests } from './manifest-formats.ts';
import type { Repository, Stack } from './repository.ts';
import { membersOf } from './workspace-members.ts';

export interface Reader {
  readonly repository: Repository;
  /** Whether there is such a file, tracked or not. */
  has(file: string): boolean;
}

/** Deepest folder in which a manifest is looked for that no root and no workspace names. */
const deepest = 3;
const mostStacks = 500;
/** Hold manifests of their own that nobody builds. */
const aside =
  /(?:^|\/)(?:examples?|samples?|demos?|docs?|documentation|templates?|benchmarks?|benches|playgrounds?|website|\.[^/]+)(?:\/|$)/i;

/** Sorted by folder, then in the order of the table. */
export async function stacksOf(files: readonly string[], reader: Reader): Promise<readonly Stack[]> {
  const all = await Promise.all(manifests.map((row) => stacksOfRow(row, files, reader)));
  return all
    .flat()
    .sort((a, b) => (a.folder === b.folder ? 0 : a.folder < b.folder ? -1 : 1))
    .slice(0, mostStacks);
}

async function stacksOfRow(row: Manifest, files: readonly string[], reader: Reader): Promise<Stack[]> {
  const at = new Map<string, string>();
  for (const name of row.names) {
    for (const file of files) {
      const folder = folderOf(file);
      if (posix.basename(file) === name && !at.has(folder)) at.set(folder, file);
    }
  }
  const found = new Map<string, Stack>();
  const add = async (folder: string, inherited?: Stack): Promise<void> => {
    const manifest = at.get(folder);
    if (manifest === undefined || found.has(folder) || !(await row.isProject(manifest, reader))) return;
    const packageManager = await row.packageManager(folder, manifest, reader);
    const stack = {
      id: row.id,
      folder,
      manifest,
      packageManager: packageManager ?? inherited?.packageManager ?? row.usual,
    };
    found.set(folder, stack);
    const globs = await row.members(manifest, reader);
    const inside = membersOf([...at.keys()], folder, globs).filter(
      (member) => member !== folder && !isForeignName(`${member}/x`),
    );
    for (const member of inside) await add(member, stack);
  };
  await add('');
  const folders = [...at.keys()].filter(isOwn).sort((a, b) => depthOf(a) - depthOf(b));
  // A root that is no project itself may still name members.
  for (const member of membersOf(folders, '', await row.rootMembers(reader))) await add(member);
  const shallow = depthOf(folders[0] ?? '');
  if (found.size === 0 && shallow <= deepest) {
    for (const folder of folders.filter((one) => depthOf(one) === shallow)) await add(folder);
  }
  return [...found.values()];
}

function isOwn(folder: string): boolean {
  const inside = `${folder}/x`;
  return !isForeignName(inside) && !isTestName(inside) && !aside.test(folder);
}

function depthOf(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}
