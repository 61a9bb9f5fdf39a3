/** Resolves module specifiers in imports to files of the workspace. */
import { posix } from 'node:path';
import { defined } from '../../../protocol/defined.ts';
import type { ModuleConfig } from './module-config.ts';

/** A module of the workspace: a file, a folder of modules, or both (a package). */
export interface WorkspaceModule {
  readonly file?: string;
  readonly folder?: string;
}

const extensions = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
const indexFiles = ['/index.ts', '/index.tsx', '/index.d.ts', '/index.js', '/index.jsx', '/index.mjs', '/index.cjs'];
/** Extensions of source files by the extension of the compiled file that an import names. */
const sourceExtensions: readonly (readonly [RegExp, string])[] = [
  [/\.js$/, '.ts'],
  [/\.js$/, '.tsx'],
  [/\.jsx$/, '.tsx'],
  [/\.mjs$/, '.mts'],
  [/\.cjs$/, '.cts'],
  [/\.js$/, '.d.ts'],
];
/** Common entry files of packages, for packages whose manifest names a file that has not been built. */
const packageEntries = ['src/index', 'index', 'lib/index', 'src/main', 'lib/main'];

export class ModuleResolver {
  readonly #names: ReadonlySet<string>;
  readonly #configs: readonly ModuleConfig[];
  /** Resolved modules by importing file and specifier. */
  readonly #cache = new Map<string, Map<string, WorkspaceModule | undefined>>();
  readonly #python: PythonModules;

  /** @param names paths of all files that have facts */
  constructor(names: Iterable<string>, configs: readonly ModuleConfig[]) {
    this.#names = new Set(names);
    this.#configs = configs;
    this.#python = new PythonModules(this.#names);
  }

  /** Resolves a specifier in the file `from`. Returns undefined if the module is not in this workspace. */
  resolve(from: string, specifier: string, language: string): WorkspaceModule | undefined {
    let modules = this.#cache.get(from);
    if (!modules) {
      modules = new Map();
      this.#cache.set(from, modules);
    }
    if (modules.has(specifier)) return modules.get(specifier);
    const module =
      language === 'python'
        ? this.#python.resolve(from, specifier)
        : this.#resolveScript(posix.dirname(from), specifier);
    modules.set(specifier, module);
    return module;
  }

  /** Returns a module in a folder module of Python. */
  findInFolder(folder: string, name: string): WorkspaceModule | undefined {
    return this.#python.find(posix.join(folder, name));
  }

  #resolveScript(folder: string, specifier: string): WorkspaceModule | undefined {
    const isRelative = specifier.startsWith('.');
    const paths = isRelative ? [posix.join(folder, specifier)] : this.#listConfiguredPaths(folder, specifier);
    for (const path of paths) {
      const file = this.#findFile(path);
      if (file) return { file };
    }
    return undefined;
  }

  #findFile(path: string): string | undefined {
    const base = path === '.' ? '' : path.replace(/\/$/, '').replace(/^\.\//, '');
    if (this.#names.has(base)) return base;
    const candidates = [
      ...extensions.map((extension) => base + extension),
      ...sourceExtensions
        .filter(([compiled]) => compiled.test(base))
        .map(([compiled, source]) => base.replace(compiled, source)),
      ...indexFiles.map((index) => (base === '' ? index.slice(1) : base + index)),
    ];
    return candidates.find((name) => this.#names.has(name));
  }

  #listConfiguredPaths(folder: string, specifier: string): string[] {
    return this.#configs
      .filter(({ base }) => base === '' || folder === base || folder.startsWith(`${base}/`) || base === '*')
      .flatMap(({ pattern, targets }) => {
        const star = pattern.indexOf('*');
        if (star < 0) {
          return specifier === pattern ? targets.flatMap((target) => [target, ...listPackageEntries(target)]) : [];
        }
        const [prefix, suffix] = [pattern.slice(0, star), pattern.slice(star + 1)];
        const isMatch =
          specifier.startsWith(prefix) &&
          specifier.endsWith(suffix) &&
          specifier.length >= prefix.length + suffix.length;
        if (!isMatch) return [];
        const matched = specifier.slice(prefix.length, specifier.length - suffix.length);
        return targets.map((target) => target.replace('*', matched));
      });
  }
}

function listPackageEntries(target: string): string[] {
  return target.endsWith('/') ? packageEntries.map((entry) => `${target}${entry}`) : [];
}

/** Resolves Python modules: dotted names relative to the folders that contain packages and scripts. */
class PythonModules {
  readonly #names: ReadonlySet<string>;
  readonly #folders = new Set<string>();
  /** Root folders by the first part of the modules in them. */
  readonly #roots = new Map<string, Set<string>>();

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    for (const name of names) {
      if (!/\.pyi?$/.test(name)) continue;
      for (let folder = posix.dirname(name); folder !== '.'; folder = posix.dirname(folder)) {
        if (this.#folders.has(folder)) break;
        this.#folders.add(folder);
      }
      this.#addRoots(name);
    }
  }

  #addRoots(name: string): void {
    let path = name.replace(/(?:\/__init__)?\.pyi?$/, '');
    let root = posix.dirname(path);
    while (root !== '.' && (this.#names.has(`${root}/__init__.py`) || this.#names.has(`${root}/__init__.pyi`))) {
      path = root;
      root = posix.dirname(root);
    }
    this.#addRoot(posix.basename(path), root);
    this.#addRoot((name.split('/')[0] as string).replace(/\.pyi?$/, ''), '.');
  }

  #addRoot(firstPart: string, root: string): void {
    const roots = this.#roots.get(firstPart);
    if (roots) roots.add(root);
    else this.#roots.set(firstPart, new Set([root]));
  }

  resolve(from: string, specifier: string): WorkspaceModule | undefined {
    const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
    const path = specifier.slice(dots).replaceAll('.', '/');
    if (dots > 0) {
      let folder = posix.dirname(from);
      for (let level = 1; level < dots; level++) folder = posix.dirname(folder);
      return this.find(posix.join(folder, path));
    }
    const roots = [...(this.#roots.get(path.split('/')[0] as string) ?? [])];
    // Prefer the root that is nearest to the importing file.
    roots.sort((a, b) => sharedPathLength(b, from) - sharedPathLength(a, from));
    for (const root of roots) {
      const module = this.find(posix.join(root, path));
      if (module) return module;
    }
    return undefined;
  }

  find(path: string): WorkspaceModule | undefined {
    const base = path.replace(/\/$/, '');
    const file = ['/__init__.py', '/__init__.pyi', '.py', '.pyi']
      .map((ending) => base + ending)
      .find((name) => this.#names.has(name));
    const folder = this.#folders.has(base) ? base : undefined;
    return file || folder ? defined({ file, folder }) : undefined;
  }
}

/** Returns the length of a folder's path if it contains the file, and -1 otherwise. */
function sharedPathLength(folder: string, file: string): number {
  if (folder === '.') return 0;
  return file.startsWith(`${folder}/`) ? folder.length : -1;
}
