/** Finds the TypeScript projects of a workspace, and prepares a check that does not write into the workspace. */
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import { folderOf, foldersAround } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

const maxProjects = 200;
const maxExtendsDepth = 8;

/** Finds the configurations that have source files: those of the workspace, of its packages, and their references. */
export async function findProjects(repository: Repository): Promise<string[]> {
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  const folders = new Set(['', ...stacks.map(({ folder }) => folder)]);
  const files = new Set(await repository.files());
  const roots = [...folders].map((folder) => posix.join(folder, 'tsconfig.json')).filter((file) => files.has(file));
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

async function readReferences(repository: Repository, file: string): Promise<string[]> {
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

/**
 * Writes a configuration into the cache folder that extends the project's configuration, and returns its path. The
 * compiler then writes its build info outside the workspace, and reads referenced projects from source, built or not.
 */
export async function writeShadowConfig(repository: Repository, project: string, cacheFolder: string): Promise<string> {
  const shadowRoot = join(cacheFolder, `tsc-${hashOf(repository.root).slice(0, 16)}`);
  const projectFolder = folderOf(project);
  const folder = join(shadowRoot, projectFolder);
  await mkdir(folder, { recursive: true });
  // The compiler looks for type packages in the folders around the configuration.
  for (const parent of foldersAround(projectFolder)) {
    const packages = join(repository.root, parent, 'node_modules');
    const link = join(shadowRoot, parent, 'node_modules');
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
    ...(await readDefaultFileLists(repository, project)),
    compilerOptions,
    references: [],
  };
  await writeFile(shadow, JSON.stringify(content));
  return shadow;
}

/**
 * Returns explicit file lists for a project that has none. By default a project contains the files below its
 * configuration, but the shadow configuration is in another folder.
 */
async function readDefaultFileLists(
  repository: Repository,
  project: string,
): Promise<{ include?: string[]; exclude?: string[] }> {
  const configs = await readExtendsChain(repository, project);
  const folder = posix.join(repository.root.split(sep).join('/'), posix.dirname(project));
  const isSet = (key: string): boolean => configs.some((config) => field(config, key) !== undefined);
  const outDir = configs
    .map((config) => field(field(config, 'compilerOptions'), 'outDir'))
    .find((value) => typeof value === 'string');
  const excluded = [
    'node_modules',
    'bower_components',
    'jspm_packages',
    ...(outDir === undefined ? [] : [String(outDir)]),
  ];
  return {
    ...(isSet('include') || isSet('files') ? {} : { include: [`${folder}/**/*`] }),
    ...(isSet('exclude') ? {} : { exclude: excluded.map((name) => posix.join(folder, name)) }),
  };
}

/** Reads a configuration, and the configurations of the workspace that it extends. */
async function readExtendsChain(repository: Repository, project: string, depth = 0): Promise<unknown[]> {
  const content = await repository.json(project);
  if (depth >= maxExtendsDepth) return [content];
  const value = field(content, 'extends');
  const bases = (Array.isArray(value) ? value : [value]).filter(
    (path) => typeof path === 'string' && path.startsWith('.'),
  );
  const chains = bases.map((path) => {
    const file = posix.join(posix.dirname(project), path);
    return readExtendsChain(repository, file.endsWith('.json') ? file : `${file}.json`, depth + 1);
  });
  return [content, ...(await Promise.all(chains)).flat()];
}
