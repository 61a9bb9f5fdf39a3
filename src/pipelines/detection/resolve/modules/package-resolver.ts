/** Resolves the specifiers of packages in the workspace, and of the `imports` of a package. */
import { posix } from 'node:path';
import type { PackageConfig } from './module-config.ts';

/** Common entry files of packages, for packages whose manifest names a file that has not been built. */
const packageEntries = ['src/index', 'index', 'lib/index', 'src/main', 'lib/main'];
/** Conditions that compilers, Node.js and bundlers accept. Others are tried afterwards. */
const conditions = /^(?:types|source|import|module|module-sync|node|require|default)(?:@.*)?$/;
/** Folders of compiled files, which correspond to `src`. */
const outputFolder = /(^|\/)(?:dist|lib|build|out|esm|cjs|es)\/(?:(?:esm|cjs|es|src)\/)?/;

export class PackageResolver {
  readonly #byName: ReadonlyMap<string, readonly PackageConfig[]>;
  /** Packages by folder. */
  readonly #byFolder: ReadonlyMap<string, PackageConfig>;

  constructor(packages: readonly PackageConfig[]) {
    this.#byName = Map.groupBy(
      packages.filter(({ name }) => name !== undefined),
      ({ name }) => name as string,
    );
    this.#byFolder = new Map(packages.map((config) => [config.folder, config]));
  }

  /** Returns the candidate paths of a specifier in a file of `folder`, in order of preference. */
  listPaths(folder: string, specifier: string): string[] {
    return specifier.startsWith('#') ? this.#listImports(folder, specifier) : this.#listPackagePaths(folder, specifier);
  }

  /** Lists the targets in the `imports` of the package that contains the importing file. */
  #listImports(folder: string, specifier: string): string[] {
    const owner = this.#findOwner(folder);
    if (!owner || typeof owner.imports !== 'object' || owner.imports === null) return [];
    return matchTargets(owner.imports as Targets, specifier).flatMap((target) =>
      target.startsWith('.') ? listSources(owner.folder, target) : this.#listPackagePaths(folder, target),
    );
  }

  /** Returns the package that contains a folder. */
  #findOwner(folder: string): PackageConfig | undefined {
    for (let path = folder === '.' ? '' : folder; ; path = parentOf(path)) {
      const config = this.#byFolder.get(path);
      if (config) return config;
      if (path === '') return undefined;
    }
  }

  #listPackagePaths(folder: string, specifier: string): string[] {
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '';
    const candidates = this.#byName.get(name);
    if (!candidates) return [];
    const [best] = [...candidates].sort((a, b) => nearness(b.folder, folder) - nearness(a.folder, folder));
    return best ? listExports(best, `.${specifier.slice(name.length)}`) : [];
  }
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** Number of folders that two paths share; of packages at the same distance, the outer one is nearer. */
function nearness(folder: string, from: string): number {
  const [a, b] = [folder.split('/'), from.split('/')];
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared - a.length / 1000;
}

function listExports({ folder, exports, mains }: PackageConfig, subpath: string): string[] {
  const paths: string[] = [];
  if (exports !== undefined && exports !== null) {
    const isMap = typeof exports === 'object' && !Array.isArray(exports) && Object.keys(exports)[0]?.startsWith('.');
    const targets = isMap ? matchTargets(exports as Targets, subpath) : subpath === '.' ? listTargets(exports) : [];
    paths.push(...targets.flatMap((target) => listSources(folder, target)));
  }
  if (subpath !== '.') {
    return [...paths, posix.join(folder, subpath), posix.join(folder, 'src', subpath), ...listSources(folder, subpath)];
  }
  return [
    ...paths,
    ...mains.flatMap((main) => listSources(folder, main)),
    ...packageEntries.map((entry) => posix.join(folder, entry)),
  ];
}

/** Returns the target itself and the sources that it may have been compiled from. */
function listSources(folder: string, target: string): string[] {
  const path = posix.join(folder, target);
  const inner = target.replace(/^\.\//, '');
  if (!outputFolder.test(inner)) return [path];
  const source = inner.replace(outputFolder, '$1src/').replace(/\.d\.([cm]?)ts$/, '.$1ts');
  const plain = inner.replace(outputFolder, '$1').replace(/\.d\.([cm]?)ts$/, '.$1ts');
  return [path, posix.join(folder, source), posix.join(folder, plain)];
}

type Targets = Readonly<Record<string, unknown>>;

/** Returns the targets of the best matching key: the key itself, or the pattern with the longest prefix. */
function matchTargets(targets: Targets, specifier: string): string[] {
  if (Object.hasOwn(targets, specifier) && !specifier.includes('*')) return listTargets(targets[specifier]);
  let best: { readonly key: string; readonly matched: string } | undefined;
  for (const key of Object.keys(targets)) {
    const star = key.indexOf('*');
    const isFolder = star < 0 && key.endsWith('/');
    if (star < 0 && !isFolder) continue;
    const prefix = isFolder ? key : key.slice(0, star);
    const suffix = isFolder ? '' : key.slice(star + 1);
    const isMatch =
      specifier.startsWith(prefix) && specifier.endsWith(suffix) && specifier.length >= prefix.length + suffix.length;
    if (!isMatch || (best && best.key.indexOf('*') >= prefix.length)) continue;
    best = { key, matched: specifier.slice(prefix.length, specifier.length - suffix.length) };
  }
  if (!best) return [];
  const { key, matched } = best;
  return listTargets(targets[key]).map((target) =>
    target.includes('*') ? target.replaceAll('*', () => matched) : key.endsWith('/') ? target + matched : target,
  );
}

/** Lists the paths in a target: a path, a list of alternatives or an object of conditions. */
function listTargets(target: unknown, depth = 0): string[] {
  if (typeof target === 'string') return [target];
  if (typeof target !== 'object' || target === null || depth > 10) return [];
  if (Array.isArray(target)) return target.flatMap((item) => listTargets(item, depth + 1));
  const entries = Object.entries(target);
  const rank = (condition: string): number => (conditions.test(condition) ? 0 : 1);
  return entries
    .map(([condition, value], index) => ({ rank: rank(condition), index, value }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .flatMap(({ value }) => listTargets(value, depth + 1));
}
