/** Prepares a run of the TypeScript compiler that neither writes into the workspace nor needs built references. */
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { hashOf } from '../../../../../detection/files/content-hash.ts';
import { folderOf, foldersAround } from '../../../../repository/folders.ts';
import { field } from '../../../../repository/manifest-formats.ts';
import type { Repository } from '../../../../repository/repository.ts';
import { readReferences } from '../tsconfig-projects.ts';

export interface CompilerRun {
  readonly args: readonly string[];
  /** File with the names of all files that the compiler has read. */
  readonly buildInfo: string;
}

const maxExtendsDepth = 8;

/**
 * Prepares the check of one project. Without references, the compiler reads the project's own configuration, whose folder
 * decides what many defaults mean. With references, it reads a configuration that extends it and has none, so that the
 * referenced projects are read from source, built or not.
 */
export async function prepareCompilerRun(
  repository: Repository,
  project: string,
  cacheFolder: string,
): Promise<CompilerRun> {
  const cacheRoot = join(cacheFolder, `tsc-${hashOf(repository.root).slice(0, 16)}`);
  const folder = join(cacheRoot, folderOf(project));
  await mkdir(folder, { recursive: true });
  const name = posix.basename(project, '.json');
  const buildInfo = join(folder, `${name}.tsbuildinfo`);
  const configs = await readExtendsChain(repository, project);
  const options = createOptions(configs, buildInfo);
  const references = await readReferences(repository, project);
  if (references.length === 0) {
    const flags = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
    return { args: ['-p', join(repository.root, project), ...flags], buildInfo };
  }
  await linkPackages(repository, folderOf(project), cacheRoot);
  const folders = [folderOf(project), ...(await readReferencedFolders(repository, project))];
  const content = {
    extends: join(repository.root, project),
    ...createFileLists(repository, project, configs),
    compilerOptions: {
      ...expandOptions(repository, project, configs),
      ...options,
      // From TypeScript 6 on, the default is the folder of the configuration, which is in the cache.
      rootDir: posix.join(toPosix(repository.root), findCommonFolder(folders)),
    },
    references: [],
  };
  const config = join(folder, `${name}.json`);
  await writeFile(config, JSON.stringify(content));
  return { args: ['-p', config], buildInfo };
}

const toPosix = (path: string): string => path.split(sep).join('/');

/** Options that keep the compiler from writing anything but its build information. */
function createOptions(configs: readonly unknown[], buildInfo: string): Record<string, string | boolean> {
  const isComposite = readOption(configs, 'composite') === true;
  return {
    noEmit: true,
    composite: false,
    // Otherwise a project that is no longer composite could not have options that need declarations.
    ...(isComposite && readOption(configs, 'declaration') !== false ? { declaration: true } : {}),
    emitDeclarationOnly: false,
    incremental: true,
    tsBuildInfoFile: buildInfo,
  };
}

/** Returns the value of the first configuration that sets an option. */
const readOption = (configs: readonly unknown[], option: string): unknown =>
  configs.map((config) => field(field(config, 'compilerOptions'), option)).find((value) => value !== undefined);

/** Links installed packages, because the compiler looks for types in the folders around the configuration. */
async function linkPackages(repository: Repository, projectFolder: string, cacheRoot: string): Promise<void> {
  for (const parent of foldersAround(projectFolder)) {
    const packages = join(repository.root, parent, 'node_modules');
    const link = join(cacheRoot, parent, 'node_modules');
    if (existsSync(packages) && !existsSync(link)) await symlink(packages, link, 'junction').catch(() => undefined);
  }
}

/** Returns the folders of all projects that a project refers to, directly or not. */
async function readReferencedFolders(repository: Repository, project: string): Promise<string[]> {
  const seen = new Set<string>();
  const queue = await readReferences(repository, project);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...(await readReferences(repository, next)));
  }
  return [...seen].map(folderOf);
}

function findCommonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((folder) => folder.split('/').filter((part) => part !== ''));
  const length = first.findIndex((part, index) => others.some((parts) => parts[index] !== part));
  return (length < 0 ? first : first.slice(0, length)).join('/');
}

const configDir = `\${configDir}`;

/** Replaces `${configDir}`, which would mean the folder of the configuration in the cache. */
function expandConfigDir(value: unknown, folder: string): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(configDir, () => JSON.stringify(folder).slice(1, -1)));
}

const absoluteFolderOf = (repository: Repository, project: string): string =>
  posix.join(toPosix(repository.root), folderOf(project));

/** Returns the options with ``${configDir}`, expanded for the project. */
function expandOptions(
  repository: Repository,
  project: string,
  configs: readonly unknown[],
): Readonly<Record<string, unknown>> {
  const names = new Set(configs.flatMap((config) => Object.keys(field(config, 'compilerOptions') ?? {})));
  const options = [...names].map((name) => [name, readOption(configs, name)] as const);
  const affected = options.filter(([, value]) => JSON.stringify(value ?? null).includes(configDir));
  return Object.fromEntries(
    affected.map(([name, value]) => [name, expandConfigDir(value, absoluteFolderOf(repository, project))]),
  );
}

/**
 * Returns explicit file lists for a project that has none, or whose lists have `${configDir}`. By default a project
 * contains the files below its configuration, but this configuration is in another folder.
 */
function createFileLists(
  repository: Repository,
  project: string,
  configs: readonly unknown[],
): Readonly<Record<string, unknown>> {
  const folder = absoluteFolderOf(repository, project);
  const readKey = (key: string): unknown =>
    configs.map((config) => field(config, key)).find((value) => value !== undefined);
  const expanded = ['files', 'include', 'exclude'].flatMap((key) => {
    const value = readKey(key);
    return JSON.stringify(value ?? null).includes(configDir) ? [[key, expandConfigDir(value, folder)] as const] : [];
  });
  const outDir = readOption(configs, 'outDir');
  const excluded = [
    'node_modules',
    'bower_components',
    'jspm_packages',
    ...(typeof outDir === 'string' ? [outDir] : []),
  ];
  return {
    ...(readKey('include') === undefined && readKey('files') === undefined ? { include: [`${folder}/**/*`] } : {}),
    ...(readKey('exclude') === undefined ? { exclude: excluded.map((name) => posix.join(folder, name)) } : {}),
    ...Object.fromEntries(expanded),
  };
}

/** Reads a configuration, and the configurations of the workspace that it extends, those with precedence first. */
async function readExtendsChain(repository: Repository, project: string, depth = 0): Promise<unknown[]> {
  const content = await repository.json(project);
  if (depth >= maxExtendsDepth) return [content];
  const value = field(content, 'extends');
  const bases = (Array.isArray(value) ? value : [value]).filter(
    (path) => typeof path === 'string' && path.startsWith('.'),
  );
  const chains = bases.reverse().map((path) => {
    const file = posix.join(posix.dirname(project), path);
    return readExtendsChain(repository, file.endsWith('.json') ? file : `${file}.json`, depth + 1);
  });
  return [content, ...(await Promise.all(chains)).flat()];
}
