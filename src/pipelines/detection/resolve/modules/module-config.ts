/** Reads under which names files can be imported: packages of the workspace and `paths` in tsconfig.json. */

import { join, posix } from 'node:path';
import { readRegularText } from '../../../../process/read-regular-file.ts';

/** Maps module specifiers that match a pattern to files. */
export interface PathMapping {
  /** Folder of the files to whose imports the pattern applies. */
  readonly base: string;
  /** Module specifier with at most one `*`. */
  readonly pattern: string;
  /** Candidate paths in the workspace, in which `*` is replaced by the text that it matched in the pattern. */
  readonly targets: readonly string[];
}

/** A package.json file. */
export interface PackageConfig {
  /** Folder of the package; empty for the workspace itself. */
  readonly folder: string;
  readonly name?: string;
  /** Entry points other than `exports`, in order of preference. */
  readonly mains: readonly string[];
  readonly exports?: unknown;
  readonly imports?: unknown;
}

export interface ModuleConfig {
  /** Mappings of inner folders come first. */
  readonly paths: readonly PathMapping[];
  readonly packages: readonly PackageConfig[];
}

/** Maximum number of configuration files to read. */
const maxConfigFiles = 1000;

/**
 * Reads all configuration files. Files that cannot be read or parsed are skipped.
 * @param names paths of all files in the workspace
 */
export function readConfigs(workspace: string, names: readonly string[]): ModuleConfig {
  const files = filterConfigFiles(names);
  const packages = files
    .filter((name) => name.endsWith('package.json'))
    .map((name) => toPackage(folderOf(name), readJsonc(join(workspace, name))));
  const paths = files
    .filter((name) => !name.endsWith('package.json'))
    .flatMap((name) => readPaths(workspace, name, packages));
  return { paths: paths.sort((a, b) => b.base.length - a.base.length), packages };
}

/** Returns the configuration files among the files of a workspace. */
export function filterConfigFiles(names: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith('.json') && /(?:^|\/)(?:[tj]sconfig(?:\.[\w-]+)*|package)\.json$/.test(name))
    .slice(0, maxConfigFiles);
}

type Content = Readonly<Record<string, unknown>>;

function folderOf(name: string): string {
  const folder = posix.dirname(name);
  return folder === '.' ? '' : folder;
}

function toPackage(folder: string, content: Content): PackageConfig {
  const { name } = content;
  return {
    folder,
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    mains: ['source', 'types', 'typings', 'module', 'main']
      .map((key) => content[key])
      .filter((value) => typeof value === 'string'),
    exports: content['exports'],
    imports: content['imports'],
  };
}

/** Options of a tsconfig file, of which the nearest definition in the chain of `extends` counts. */
interface PathOptions {
  readonly baseUrl?: string;
  readonly paths?: Content;
  /** Folder of the file that defines `paths`. */
  readonly pathsFolder?: string;
}

function readPaths(workspace: string, name: string, packages: readonly PackageConfig[]): PathMapping[] {
  const base = folderOf(name);
  const { baseUrl, paths, pathsFolder } = readOptions(workspace, name, base, packages, new Set());
  const root = baseUrl ?? pathsFolder ?? base;
  const mappings = Object.entries(paths ?? {}).flatMap(([pattern, targets]): PathMapping[] => {
    if (!Array.isArray(targets)) return [];
    const texts = targets.filter((target) => typeof target === 'string');
    return [{ base, pattern, targets: texts.map((target) => joinPath(root, base, target)) }];
  });
  return baseUrl === undefined ? mappings : [...mappings, { base, pattern: '*', targets: [posix.join(baseUrl, '*')] }];
}

/** Joins paths. `${configDir}` stands for the folder of the configuration that is used, not of one that it extends. */
function joinPath(folder: string, configDir: string, path: string): string {
  const ownPath = /^\$\{configDir\}(.*)$/.exec(path)?.[1];
  const joined = ownPath === undefined ? posix.join(folder, path) : posix.join(configDir, `./${ownPath}`);
  return joined.replace(/^\.\//, '');
}

function readOptions(
  workspace: string,
  name: string,
  configDir: string,
  packages: readonly PackageConfig[],
  seen: Set<string>,
): PathOptions {
  if (seen.has(name) || seen.size > 20) return {};
  seen.add(name);
  const folder = folderOf(name);
  const content = readJsonc(join(workspace, name));
  const options = content['compilerOptions'] as Content | undefined;
  const outer = content['extends'];
  // Later files in the list override earlier ones.
  let result: PathOptions = {};
  for (const text of Array.isArray(outer) ? outer : [outer]) {
    const path = typeof text === 'string' ? findExtended(folder, text, packages) : undefined;
    if (path !== undefined) result = { ...result, ...readOptions(workspace, path, configDir, packages, seen) };
  }
  const baseUrl = options?.['baseUrl'];
  const paths = options?.['paths'];
  return {
    ...result,
    ...(typeof baseUrl === 'string' ? { baseUrl: joinPath(folder, configDir, baseUrl) } : {}),
    ...(typeof paths === 'object' && paths !== null ? { paths: paths as Content, pathsFolder: folder } : {}),
  };
}

/** Returns the path of an extended configuration, or undefined if it is not in the workspace. */
function findExtended(folder: string, text: string, packages: readonly PackageConfig[]): string | undefined {
  const withExtension = (path: string): string => (path.endsWith('.json') ? path : `${path}.json`);
  if (/^\.\.?(?:\/|$)/.test(text)) {
    const path = posix.join(folder, text);
    return path.startsWith('..') ? undefined : withExtension(path);
  }
  const owner = packages.find(({ name }) => name !== undefined && (text === name || text.startsWith(`${name}/`)));
  if (!owner?.name) return undefined;
  const rest = text.slice(owner.name.length + 1);
  return posix.join(owner.folder, rest === '' ? 'tsconfig.json' : withExtension(rest));
}

/** Larger files are ignored; no configuration needs as much. */
const maxConfigBytes = 2e6;

/** Reads JSON with comments and trailing commas. Returns an empty object if the file cannot be read or parsed. */
function readJsonc(path: string): Content {
  try {
    const source = readRegularText(path, { maxBytes: maxConfigBytes }) ?? '';
    const text = source.replace(
      /("(?:[^"\\]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*|,(?=\s*[}\]])/g,
      (_all, text: string | undefined) => text ?? '',
    );
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? (content as Content) : {};
  } catch {
    return {};
  }
}
