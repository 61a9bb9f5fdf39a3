/** Reads under which names files can be imported: `paths` in tsconfig.json and the names of workspace packages. */

import { join, posix } from 'node:path';
import { readRegularText } from '../../../process/read-regular-file.ts';

/** Maps module specifiers that match a pattern to files. */
export interface ModuleConfig {
  /** Folder of the files to whose imports the pattern applies; `*` for all files. */
  readonly base: string;
  /** Module specifier with at most one `*`. */
  readonly pattern: string;
  /** Candidate paths in the workspace, in which `*` is replaced by the text that it matched in the pattern. */
  readonly targets: readonly string[];
}

/** Maximum number of configuration files to read. */
const maxConfigFiles = 500;

/**
 * Reads all configuration files. Files that cannot be read or parsed are skipped.
 * @param names paths of all files in the workspace
 */
export function readConfigs(workspace: string, names: readonly string[]): ModuleConfig[] {
  return filterConfigFiles(names).flatMap((name) => {
    const folder = posix.dirname(name) === '.' ? '' : posix.dirname(name);
    const content = readJsonc(join(workspace, name));
    return name.endsWith('package.json') ? packageConfig(folder, content) : pathConfigs(folder, content);
  });
}

/** Returns the configuration files among the files of a workspace. */
export function filterConfigFiles(names: readonly string[]): string[] {
  return names
    .filter((name) => /(?:^|\/)(?:[tj]sconfig(?:\.base)?|package)\.json$/.test(name))
    .slice(0, maxConfigFiles);
}

type Content = Readonly<Record<string, unknown>>;

function packageConfig(folder: string, content: Content): ModuleConfig[] {
  const { name } = content;
  if (typeof name !== 'string' || name === '') return [];
  const base = folder === '' ? './' : `${folder}/`;
  const mains = ['source', 'module', 'main', 'types']
    .map((key) => content[key])
    .filter((value) => typeof value === 'string');
  return [
    { base: '*', pattern: name, targets: [...mains.map((main) => posix.join(base, main)), base] },
    { base: '*', pattern: `${name}/*`, targets: [`${base}*`, `${base}src/*`] },
  ];
}

function pathConfigs(folder: string, content: Content): ModuleConfig[] {
  const options = content['compilerOptions'] as Content | undefined;
  const paths = options?.['paths'];
  if (typeof paths !== 'object' || paths === null) return [];
  const root = typeof options?.['baseUrl'] === 'string' ? posix.join(folder, options['baseUrl']) : folder;
  return Object.entries(paths).flatMap(([pattern, targets]) => {
    if (!Array.isArray(targets)) return [];
    const texts = targets.filter((target) => typeof target === 'string');
    return [{ base: folder, pattern, targets: texts.map((target) => posix.join(root, target)) }];
  });
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
