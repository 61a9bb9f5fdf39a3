/** Reads which other names the files of a workspace go by: `paths` of tsconfig.json, names of its packages. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Imports that fit `pattern` (one `*` at most) mean one of `targets`, in files below `base` (`*`: everywhere). */
export interface Config {
  readonly base: string;
  readonly pattern: string;
  readonly targets: readonly string[];
}

/** Most files read for this. */
const mostConfigs = 500;

/** `names` are all files of the workspace. What cannot be read or understood is passed over: it only adds names. */
export function readConfigs(workspace: string, names: readonly string[]): Config[] {
  return configsAmong(names).flatMap((name) => {
    const folder = posix.dirname(name) === '.' ? '' : posix.dirname(name);
    const content = readRelaxed(join(workspace, name));
    return name.endsWith('package.json') ? packageConfig(folder, content) : pathConfigs(folder, content);
  });
}

/** The files that are read for this. */
export function configsAmong(names: readonly string[]): string[] {
  return names.filter((name) => /(?:^|\/)(?:[tj]sconfig(?:\.base)?|package)\.json$/.test(name)).slice(0, mostConfigs);
}

type Content = Readonly<Record<string, unknown>>;

function packageConfig(folder: string, content: Content): Config[] {
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

function pathConfigs(folder: string, content: Content): Config[] {
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

/** JSON with comments and trailing commas. */
function readRelaxed(path: string): Content {
  try {
    const text = readFileSync(path, 'utf8').replace(
      /("(?:[^"\\]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*|,(?=\s*[}\]])/g,
      (_all, text: string | undefined) => text ?? '',
    );
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? (content as Content) : {};
  } catch {
    return {};
  }
}
