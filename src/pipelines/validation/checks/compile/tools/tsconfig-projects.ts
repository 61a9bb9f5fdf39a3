/** The TypeScript projects of a workspace, and how one is checked without a file being written into it. */

import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import { folderOf, foldersAround } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

const mostProjects = 200;
const longestChain = 8;

/** Configurations that name sources: those of the workspace and its packages, and those they refer to. */
export async function projectsOf(repository: Repository): Promise<string[]> {
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  const folders = new Set(['', ...stacks.map(({ folder }) => folder)]);
  const files = new Set(await repository.files());
  const starts = [...folders].map((folder) => posix.join(folder, 'tsconfig.json')).filter((file) => files.has(file));
  const found = new Set<string>();
  const follow = async (file: string): Promise<void> => {
    if (found.has(file) || found.size >= mostProjects || !files.has(file)) return;
    found.add(file);
    for (const reference of await referencesOf(repository, file)) await follow(reference);
  };
  for (const start of starts) await follow(start);
  const several = found.size > 1;
  const kept: string[] = [];
  for (const file of found) if (await hasSources(repository, file, several)) kept.push(file);
  return kept;
}

async function referencesOf(repository: Repository, file: string): Promise<string[]> {
  const list = field(await repository.json(file), 'references');
  if (!Array.isArray(list)) return [];
  return list
    .map((one) => field(one, 'path'))
    .filter((path) => typeof path === 'string')
    .map((path) => posix.join(posix.dirname(file), path.endsWith('.json') ? path : posix.join(path, 'tsconfig.json')));
}

/** The root of several projects that names no files is what the others extend, or holds only their list. */
async function hasSources(repository: Repository, file: string, several: boolean): Promise<boolean> {
  const content = await repository.json(file);
  const files = field(content, 'files');
  if (Array.isArray(files) && files.length === 0) return false;
  return !several || file !== 'tsconfig.json' || files !== undefined || field(content, 'include') !== undefined;
}

/**
 * Writes a configuration beside the cache that extends the project's own and returns its path. So what the compiler
 * keeps stays outside of the workspace, and other projects are read as sources, whether they were built or not.
 */
export async function shadowOf(repository: Repository, project: string, cache: string): Promise<string> {
  const top = join(cache, `tsc-${hashOf(repository.root).slice(0, 16)}`);
  const own = folderOf(project);
  const folder = join(top, own);
  await mkdir(folder, { recursive: true });
  // Types are looked for in the folders around the configuration.
  for (const place of foldersAround(own)) {
    const packages = join(repository.root, place, 'node_modules');
    const link = join(top, place, 'node_modules');
    if (existsSync(packages) && !existsSync(link)) await symlink(packages, link, 'junction').catch(() => undefined);
  }
  const name = posix.basename(project, '.json');
  const shadow = join(folder, `${name}.json`);
  const compilerOptions = {
    noEmit: true,
    composite: false,
    incremental: true,
    declaration: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    tsBuildInfoFile: join(folder, `${name}.tsbuildinfo`),
  };
  const content = {
    extends: join(repository.root, project),
    ...(await defaultsOf(repository, project)),
    compilerOptions,
    references: [],
  };
  await writeFile(shadow, JSON.stringify(content));
  return shadow;
}

/** Where nothing says which files belong to a project, it is those below its configuration: here, below another. */
async function defaultsOf(
  repository: Repository,
  project: string,
): Promise<{ include?: string[]; exclude?: string[] }> {
  const chain = await chainOf(repository, project);
  const folder = posix.join(repository.root.split(sep).join('/'), posix.dirname(project));
  const says = (key: string): boolean => chain.some((content) => field(content, key) !== undefined);
  const out = chain
    .map((content) => field(field(content, 'compilerOptions'), 'outDir'))
    .find((one) => typeof one === 'string');
  const left = ['node_modules', 'bower_components', 'jspm_packages', ...(out === undefined ? [] : [String(out)])];
  return {
    ...(says('include') || says('files') ? {} : { include: [`${folder}/**/*`] }),
    ...(says('exclude') ? {} : { exclude: left.map((name) => posix.join(folder, name)) }),
  };
}

/** A configuration and those of the workspace that it extends. */
async function chainOf(repository: Repository, project: string, depth = 0): Promise<unknown[]> {
  const content = await repository.json(project);
  const said = field(content, 'extends');
  const above = (Array.isArray(said) ? said : [said]).filter((one) => typeof one === 'string' && one.startsWith('.'));
  if (depth >= longestChain) return [content];
  const chains = above.map((one) => {
    const file = posix.join(posix.dirname(project), one);
    return chainOf(repository, file.endsWith('.json') ? file : `${file}.json`, depth + 1);
  });
  return [content, ...(await Promise.all(chains)).flat()];
}
