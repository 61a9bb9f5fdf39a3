/** Finds the manifests of ecosystems that are not stacks: those at the root, or else the nearest ones below it. */
import { posix } from 'node:path';
import type { Repository } from '../../../repository/repository.ts';
import type { BuildProject } from './ecosystem.ts';

/** Folders whose manifests are not part of the product. */
const auxiliaryFolder =
  /(?:^|\/)(?:examples?|samples?|demos?|docs?|templates?|bench(?:marks?|es)?|fuzz(?:ing)?|third[-_]?party|vendor|extern(?:al)?|deps|contrib|tools|scripts|\.[^/]+)(?:\/|$)/i;
const maxDepth = 2;
const maxProjects = 5;

export const isAuxiliary = (file: string): boolean => auxiliaryFolder.test(file);

/** @param name matches the base name of a manifest */
export async function findManifests(repository: Repository, name: RegExp): Promise<BuildProject[]> {
  const manifests = (await repository.files()).filter(
    (file) =>
      name.test(posix.basename(file)) &&
      !repository.isForeign(file) &&
      !repository.isTest(file) &&
      !auxiliaryFolder.test(posix.dirname(file)),
  );
  const depths = manifests.map((file) => file.split('/').length - 1);
  const depth = Math.min(...depths);
  if (depth > maxDepth) return [];
  const projects = new Map<string, BuildProject>();
  for (const [index, manifest] of manifests.entries()) {
    const folder = depth === 0 ? '' : posix.dirname(manifest);
    if (depths[index] === depth && !projects.has(folder)) projects.set(folder, { folder, manifest });
  }
  return [...projects.values()].slice(0, maxProjects);
}
