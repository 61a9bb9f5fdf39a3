/** Reads the dependencies that package.json files declare, folder by folder. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

const builtins = new Set(builtinModules);
const dependencyFields = [
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
  'bundleDependencies',
];
const packageNamePattern = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;

/** Returns the first segment of an import, or the first two of a scoped package. */
export const packagePartOf = (spec: string): string =>
  spec
    .split('/')
    .slice(0, spec.startsWith('@') ? 2 : 1)
    .join('/');

/** Returns the package that an import of a script refers to. Undefined for paths, aliases and built-in modules. */
export function packageNameOf(spec: string): string | undefined {
  // Schemes such as `node:`, `bun:`, `https:` and `virtual:`, and the bundler aliases `@/` and `~/`.
  if (/[:!?*]|^[./#~$]|^@\//.test(spec)) return undefined;
  const name = packagePartOf(spec);
  return builtins.has(name) || builtins.has(spec) || !packageNamePattern.test(name) ? undefined : name;
}

/** All package.json files of a workspace. */
export class PackageManifests {
  /** Declared packages by folder, including those of the folders around it. */
  readonly #declared = new Map<string, ReadonlySet<string>>();
  readonly #repository: Repository;
  readonly #files: ReadonlySet<string>;
  /** Names of the packages of the workspace. */
  readonly workspaceNames: ReadonlySet<string>;

  private constructor(repository: Repository, files: ReadonlySet<string>, workspaceNames: ReadonlySet<string>) {
    this.#repository = repository;
    this.#files = files;
    this.workspaceNames = workspaceNames;
  }

  static async load(repository: Repository): Promise<PackageManifests> {
    const files = await repository.files();
    // Members of a workspace of Deno import each other by the names in deno.json.
    const manifests = files.filter((file) => /(?:^|\/)(?:package\.json|(?:deno|jsr)\.jsonc?)$/.test(file));
    const names = await Promise.all(manifests.map(async (file) => field(await repository.json(file), 'name')));
    return new PackageManifests(repository, new Set(files), new Set(names.filter((name) => typeof name === 'string')));
  }

  /** Returns the path of the nearest package.json, or undefined if no folder up to the workspace has one. */
  findManifest(file: string): string | undefined {
    for (let folder = posix.dirname(file); ; folder = posix.dirname(folder)) {
      const manifest = posix.join(folder, 'package.json');
      if (this.#files.has(manifest)) return manifest;
      if (folder === '.') return undefined;
    }
  }

  /** Returns the packages that any manifest of the workspace declares. */
  async allDeclared(): Promise<ReadonlySet<string>> {
    const folders = [...this.#files]
      .filter((file) => /(?:^|\/)package\.json$/.test(file))
      .map((file) => posix.dirname(file));
    const declared = await Promise.all(folders.map((folder) => this.declaredIn(folder)));
    return new Set(declared.flatMap((names) => [...names]));
  }

  /** Returns the packages that the manifests of this folder and of the folders around it declare. */
  async declaredIn(folder: string): Promise<ReadonlySet<string>> {
    const cached = this.#declared.get(folder);
    if (cached) return cached;
    const content = await this.#repository.json(posix.join(folder, 'package.json'));
    const inherited = folder === '.' ? new Set<string>() : await this.declaredIn(posix.dirname(folder));
    const names = new Set([...inherited, ...dependencyFields.flatMap((key) => readNames(field(content, key)))]);
    if (field(field(content, 'engines'), 'vscode')) names.add('vscode');
    this.#declared.set(folder, names);
    return names;
  }
}

function readNames(dependencies: unknown): string[] {
  if (Array.isArray(dependencies)) return dependencies.filter((name) => typeof name === 'string');
  return typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies) : [];
}

/** Returns true if a package or its type definitions are among the declared packages. */
export function isDeclared(name: string, packages: ReadonlySet<string>): boolean {
  return packages.has(name) || packages.has(`@types/${name.replace(/^@/, '').replace('/', '__')}`);
}
