/** Resolves module specifiers in imports to files of the workspace. */
import { posix } from 'node:path';
import type { ModuleConfig, PathMapping } from './module-config.ts';
import { PackageResolver } from './package-resolver.ts';
import { PythonModules } from './python-modules.ts';

/** A module of the workspace: a file, a folder of modules, or both (a package). */
export interface WorkspaceModule {
  readonly file?: string;
  readonly folder?: string;
  /** Other files that the module may be, which matter for names that the first one does not export. */
  readonly others?: readonly string[];
}

const extensions = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.d.mts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs'];
const indexFiles = ['/index.ts', '/index.tsx', '/index.d.ts', '/index.js', '/index.jsx', '/index.mjs', '/index.cjs'];
/** Extensions of source files by the extension of the compiled file that an import names. */
const sourceExtensions: readonly (readonly [RegExp, string])[] = [
  [/\.js$/, '.ts'],
  [/\.js$/, '.tsx'],
  [/\.jsx$/, '.tsx'],
  [/\.mjs$/, '.mts'],
  [/\.cjs$/, '.cts'],
  [/\.mjs$/, '.ts'],
  [/\.cjs$/, '.ts'],
  [/\.mjs$/, '.js'],
  [/\.cjs$/, '.js'],
  [/\.mts$/, '.ts'],
  [/\.cts$/, '.ts'],
  [/\.js$/, '.d.ts'],
];
export class ModuleResolver {
  readonly #names: ReadonlySet<string>;
  readonly #paths: readonly PathMapping[];
  readonly #packages: PackageResolver;
  /** Resolved modules by importing file and specifier. */
  readonly #cache = new Map<string, Map<string, WorkspaceModule | undefined>>();
  readonly #python: PythonModules;

  /** @param names paths of all files that have facts */
  constructor(names: Iterable<string>, { paths, packages }: ModuleConfig) {
    this.#names = new Set(names);
    this.#paths = paths;
    this.#packages = new PackageResolver(packages);
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

  /** Returns the files and folders that the imports of a file lead to, as far as they were resolved. */
  listTargets(from: string): string[] {
    const targets = new Set<string>();
    for (const module of this.#cache.get(from)?.values() ?? []) {
      if (module?.file !== undefined) targets.add(module.file);
      for (const other of module?.others ?? []) targets.add(other);
      if (module?.folder !== undefined) targets.add(`${module.folder}/`);
    }
    return [...targets];
  }

  /** Returns a module in a folder module of Python. */
  findInFolder(folder: string, name: string): WorkspaceModule | undefined {
    return this.#python.find(posix.join(folder, name));
  }

  #resolveScript(folder: string, specifier: string): WorkspaceModule | undefined {
    const isRelative = /^\.\.?(?:\/|$)/.test(specifier);
    const paths = isRelative ? [posix.join(folder, specifier)] : this.#listConfiguredPaths(folder, specifier);
    const files = new Set<string>();
    for (const path of paths) {
      const file = this.#findFile(path);
      if (file) files.add(file);
    }
    const [file, ...others] = files;
    return file === undefined ? undefined : { file, ...(others.length > 0 ? { others } : {}) };
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
    return [...this.#listMappedPaths(folder, specifier), ...this.#packages.listPaths(folder, specifier)];
  }

  #listMappedPaths(folder: string, specifier: string): string[] {
    return this.#paths
      .filter(({ base }) => base === '' || folder === base || folder.startsWith(`${base}/`))
      .flatMap(({ pattern, targets }) => {
        const star = pattern.indexOf('*');
        if (star < 0) return specifier === pattern ? targets : [];
        const [prefix, suffix] = [pattern.slice(0, star), pattern.slice(star + 1)];
        const isMatch =
          specifier.startsWith(prefix) &&
          specifier.endsWith(suffix) &&
          specifier.length >= prefix.length + suffix.length;
        if (!isMatch) return [];
        const matched = specifier.slice(prefix.length, specifier.length - suffix.length);
        return targets.map((target) => target.replace('*', () => matched));
      });
  }
}
