/** Reads which module specifiers are aliases of files: `paths` and `baseUrl` of tsconfig, and the import maps of Deno. */
import { posix } from 'node:path';
import { folderOf, foldersAround } from '../../../repository/folders.ts';
import { isFixtureName } from '../../../repository/foreign/file-names.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

export interface PathAlias {
  /** Folder of the files to whose imports the alias applies. */
  readonly folder: string;
  /** Module specifier with at most one `*`. */
  readonly pattern: string;
  /** Candidate paths in the workspace, in which `*` is replaced by the text that it matched in the pattern. */
  readonly targets: readonly string[];
}

const maxConfigFiles = 500;
const maxExtendsDepth = 8;

/** Reads the aliases of all configurations. A configuration also has those of the configurations that it extends. */
export async function readPathAliases(repository: Repository, files: readonly string[]): Promise<PathAlias[]> {
  const configs = files
    .filter(
      (file) =>
        /(?:^|\/)(?:[tj]sconfig(?:\.[\w-]+)*|deno(?:\.[\w-]+)*|import_?map)\.jsonc?$/.test(file) &&
        !isFixtureName(file),
    )
    .slice(0, maxConfigFiles);
  const aliases = await Promise.all(
    configs.map((file) =>
      /(?:^|\/)(?:deno|import)[\w.-]*$/.test(file) ? readImportMap(repository, file) : readTsconfig(repository, file),
    ),
  );
  return aliases.flat().filter(({ pattern }) => pattern !== '*');
}

/** Aliases of one folder: those for one module by its name, and those with a `*`. */
interface FolderAliases {
  readonly exact: Map<string, PathAlias[]>;
  readonly wildcards: PathAlias[];
}

/** Groups by list of aliases. In a monorepo, each of hundreds of configurations may inherit hundreds of aliases. */
const groups = new WeakMap<readonly PathAlias[], ReadonlyMap<string, FolderAliases>>();

function groupByFolder(aliases: readonly PathAlias[]): ReadonlyMap<string, FolderAliases> {
  const folders = new Map<string, FolderAliases>();
  for (const alias of aliases) {
    const group = folders.get(alias.folder) ?? { exact: new Map<string, PathAlias[]>(), wildcards: [] };
    folders.set(alias.folder, group);
    if (alias.pattern.includes('*')) group.wildcards.push(alias);
    else group.exact.set(alias.pattern, [...(group.exact.get(alias.pattern) ?? []), alias]);
  }
  return folders;
}

/** Returns the targets of the aliases that match an import. Undefined if none matches. */
export function resolveAlias(aliases: readonly PathAlias[], file: string, spec: string): string[] | undefined {
  const folders = groups.get(aliases) ?? groupByFolder(aliases);
  groups.set(aliases, folders);
  const matching = foldersAround(folderOf(file)).flatMap((folder) => {
    const group = folders.get(folder);
    if (!group) return [];
    const wildcards = group.wildcards.filter(({ pattern }) => matchAlias(pattern, spec) !== undefined);
    return [...(group.exact.get(spec) ?? []), ...wildcards];
  });
  if (matching.length === 0) return undefined;
  return matching.flatMap(({ pattern, targets }) => {
    const middle = matchAlias(pattern, spec) ?? '';
    return targets.map((target) => posix.normalize(target.replace('*', () => middle)));
  });
}

/** Returns the text that `*` matches, which is empty for a pattern without `*`. Undefined without a match. */
function matchAlias(pattern: string, spec: string): string | undefined {
  const [prefix = '', suffix] = pattern.split('*');
  if (suffix === undefined) return spec === pattern ? '' : undefined;
  if (spec.length < prefix.length + suffix.length || !spec.startsWith(prefix) || !spec.endsWith(suffix))
    return undefined;
  return spec.slice(prefix.length, spec.length - suffix.length);
}

interface Paths {
  readonly paths: object;
  /** Folder to which the targets are relative. */
  readonly base: string;
}

async function readTsconfig(repository: Repository, file: string): Promise<PathAlias[]> {
  const folder = folderOf(file);
  const inheritedPaths = await findPaths(repository, file, folder);
  if (!inheritedPaths) return [];
  return Object.entries(inheritedPaths.paths).flatMap(([pattern, targets]) =>
    Array.isArray(targets)
      ? [
          {
            folder,
            pattern,
            targets: targets
              .filter((target) => typeof target === 'string')
              .map((target) =>
                posix.normalize(posix.join(inheritedPaths.base, expandConfigDir(target, folder, inheritedPaths.base))),
              ),
          },
        ]
      : [],
  );
}

/** Replaces `${configDir}`, which stands for the folder of the configuration that is used, not of the extended one. */
function expandConfigDir(target: string, folder: string, base: string): string {
  return target.replace(/^\$\{configDir\}/, () => posix.relative(base || '.', folder || '.') || '.');
}

/** Finds the `paths` that apply: those of the configuration itself, or of the last one that it extends. */
async function findPaths(
  repository: Repository,
  file: string,
  folder: string,
  depth = 0,
): Promise<(Paths & { readonly baseUrl?: string }) | undefined> {
  const content = await repository.json(file);
  const options = field(content, 'compilerOptions');
  const paths = field(options, 'paths');
  const baseUrl = field(options, 'baseUrl');
  const base =
    typeof baseUrl === 'string'
      ? posix.join(folderOf(file), expandConfigDir(baseUrl, folder, folderOf(file)))
      : undefined;
  if (typeof paths === 'object' && paths !== null) return { paths, base: base ?? folderOf(file) };
  if (depth >= maxExtendsDepth) return undefined;
  for (const parent of extendedConfigs(content, file).reverse()) {
    const inherited = await findPaths(repository, parent, folder, depth + 1);
    // A `baseUrl` overrides the inherited one, and the inherited paths are relative to it.
    if (inherited) return base === undefined ? inherited : { ...inherited, base };
  }
  return undefined;
}

/** Returns the configurations of the workspace that a configuration extends. Those of packages are left out. */
function extendedConfigs(content: unknown, file: string): string[] {
  return [field(content, 'extends')]
    .flat()
    .filter((path) => typeof path === 'string' && /^\.{1,2}(?:\/|$)/.test(path))
    .map((path) => posix.join(folderOf(file), String(path)))
    .map((path) => (path.endsWith('.json') ? path : `${path}.json`));
}

/** Reads the `imports` of an import map. A key that ends with a slash applies to everything below it. */
async function readImportMap(repository: Repository, file: string): Promise<PathAlias[]> {
  const folder = folderOf(file);
  return Object.entries(field(await repository.json(file), 'imports') ?? {}).flatMap(([key, target]): PathAlias[] => {
    if (typeof target !== 'string') return [];
    const star = key.endsWith('/') ? '*' : '';
    const targets = /^\.{0,2}\//.test(target) ? [posix.join(folder, `${target}${star}`)] : [];
    const subpaths = star === '' && targets.length === 0 ? [{ folder, pattern: `${key}/*`, targets }] : [];
    return [{ folder, pattern: `${key}${star}`, targets }, ...subpaths];
  });
}
