/** Reads which configurations of TypeScript the builds and tests of an Angular workspace compile. */
import { posix } from 'node:path';
import { field } from '../../../../repository/manifest-formats.ts';
import type { Repository } from '../../../../repository/repository.ts';

const names = ['angular.json', '.angular.json'];

/** Returns the configurations of a folder with an angular.json, relative to the workspace. Empty for any other folder. */
export async function readAngularProjects(repository: Repository, folder: string): Promise<string[]> {
  const files = await repository.fileSet();
  const manifest = names.map((name) => posix.join(folder, name)).find((file) => files.has(file));
  if (manifest === undefined) return [];
  const configs = new Set<string>();
  for (const project of valuesOf(field(await repository.json(manifest), 'projects'))) {
    for (const target of valuesOf(field(project, 'architect') ?? field(project, 'targets'))) {
      for (const config of [field(field(target, 'options'), 'tsConfig')].flat())
        if (typeof config === 'string') configs.add(posix.join(folder, config));
    }
  }
  return [...configs];
}

const valuesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];
