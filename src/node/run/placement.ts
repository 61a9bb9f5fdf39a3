/** Decides under which path a file is shown and to which component a function belongs. */
import { realpathSync } from 'node:fs';
import { isAbsolute, posix, relative, sep } from 'node:path';
import { unassignedComponent } from '../../core/code/code-place.ts';
import { ownerOfPath } from '../../core/code/path-owner.ts';
import type { Definition } from '../../protocol/batch/batch.ts';
import { findProjectRoot } from '../project-root.ts';
import type { Pipeline } from './pipelines.ts';

/** Number of leading folders of a file that form its component. */
const maxFolderDepth = 2;

/** Creates a function that returns files of the project relative to the workspace with `/`, and other files unchanged. */
export function createPathDisplay(workspace: string): (file: string) => string {
  const root = realpathSync(workspace);
  const project = findProjectRoot(root);
  const isOutsideProject = (file: string): boolean => {
    const path = relative(project, file);
    return path.startsWith('..') || isAbsolute(path);
  };
  return (file) => {
    if (!isAbsolute(file)) return file.split(sep).join('/');
    const relativePath = relative(root, file);
    const isOutside = relativePath.startsWith('..') || isAbsolute(relativePath);
    return isOutside && isOutsideProject(file) ? file : relativePath.split(sep).join('/');
  };
}

/** Creates a function that returns the component of a function: by the configured patterns first, then by its folder. */
export function createGrouping(groups: Pipeline['groups'] = {}): (definition: Definition) => string {
  const patterns = Object.entries(groups);
  return (definition) => {
    const { component, file } = definition;
    if (component !== unassignedComponent || file === undefined) return groupByFolder(definition);
    const [, group] = patterns.find(([pattern]) => posix.matchesGlob(file, pattern)) ?? [];
    return group ?? groupByFolder(definition);
  };
}

/**
 * Groups functions by the first folders of their file, or by its package or runtime. A function without a file forms a
 * component by itself.
 */
function groupByFolder({ component, file, name }: Definition): string {
  if (component !== unassignedComponent) return component;
  if (file === undefined) return name;
  const owner = ownerOfPath(file);
  if (owner !== undefined) return owner;
  if (isAbsolute(file)) return '(elsewhere)';
  const folders = file.split('/').slice(0, -1);
  // A sibling package is below one of the folders above the workspace.
  const upwards = folders.lastIndexOf('..') + 1;
  return folders.length > 0 ? folders.slice(0, upwards + maxFolderDepth).join('/') : file;
}
