/** Finds the TypeScript projects of a workspace. */
import { posix } from 'node:path';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';
import { readAngularProjects } from './project/angular-projects.ts';
import type { CompiledProjects } from './project/typecheck-script.ts';

const maxProjects = 200;

/**
 * Finds the configurations that have source files: those of the workspace, of its packages, and their references.
 * @param compiled configurations that the scripts of the project compile, which take precedence
 */
export async function findProjects(repository: Repository, compiled?: CompiledProjects): Promise<string[]> {
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  const folders = new Set(['', ...stacks.map(({ folder }) => folder)]);
  const files = await repository.fileSet();
  const isOpen = (folder: string): boolean =>
    compiled === undefined || (compiled.folders !== undefined && !compiled.folders.has(folder));
  const defaults: string[] = [];
  for (const folder of [...folders].filter(isOpen)) {
    // In an Angular workspace, tsconfig.json is only the base of the configurations that are compiled.
    const angular = await readAngularProjects(repository, folder);
    defaults.push(...(angular.length > 0 ? angular : [posix.join(folder, 'tsconfig.json')]));
  }
  const all = [...(compiled?.projects ?? []), ...defaults];
  const roots = all.filter((file) => files.has(file));
  const configs = new Set<string>();
  const addWithReferences = async (file: string): Promise<void> => {
    if (configs.has(file) || configs.size >= maxProjects || !files.has(file)) return;
    configs.add(file);
    for (const reference of await readReferences(repository, file)) await addWithReferences(reference);
  };
  for (const root of roots) await addWithReferences(root);
  const hasSeveral = configs.size > 1;
  const projects: string[] = [];
  for (const file of configs) if (await hasSources(repository, file, hasSeveral)) projects.push(file);
  return projects;
}

/** Returns the configurations that a configuration refers to with `references`. */
export async function readReferences(repository: Repository, file: string): Promise<string[]> {
  const references = field(await repository.json(file), 'references');
  if (!Array.isArray(references)) return [];
  return references
    .map((reference) => field(reference, 'path'))
    .filter((path) => typeof path === 'string')
    .map((path) => posix.join(posix.dirname(file), path.endsWith('.json') ? path : posix.join(path, 'tsconfig.json')));
}

/**
 * Returns true for a configuration with source files. Among several projects, a root configuration that lists no files
 * has none: it is only a base or an index of the others.
 */
async function hasSources(repository: Repository, file: string, hasSeveral: boolean): Promise<boolean> {
  const content = await repository.json(file);
  const files = field(content, 'files');
  if (Array.isArray(files) && files.length === 0) return false;
  return !hasSeveral || file !== 'tsconfig.json' || files !== undefined || field(content, 'include') !== undefined;
}
