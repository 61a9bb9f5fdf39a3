/** What the manifests of Node name as needed, folder by folder, and what an import is called there. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

const builtin = new Set(builtinModules);
const groups = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies'];
const packageName = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;

/** Package that an import of a script names; nothing for a path, an alias, or what the platform brings. */
export function packageOf(spec: string): string | undefined {
  // `node:`, `bun:`, `https:`, `virtual:`; `@/` and `~/` are names that a bundler knows.
  if (/[:!?*]|^[./#~$]|^@\//.test(spec)) return undefined;
  const name = spec
    .split('/')
    .slice(0, spec.startsWith('@') ? 2 : 1)
    .join('/');
  return builtin.has(name) || builtin.has(spec) || !packageName.test(name) ? undefined : name;
}

export class Manifests {
  /** By folder: what is named in it and in the folders around. */
  readonly #named = new Map<string, ReadonlySet<string>>();
  readonly #repository: Repository;
  readonly #files: ReadonlySet<string>;
  readonly own: ReadonlySet<string>;

  private constructor(repository: Repository, files: ReadonlySet<string>, own: ReadonlySet<string>) {
    this.#repository = repository;
    this.#files = files;
    this.own = own;
  }

  static async of(repository: Repository): Promise<Manifests> {
    const files = await repository.files();
    const manifests = files.filter((file) => /(?:^|\/)package\.json$/.test(file));
    const names = await Promise.all(manifests.map(async (file) => field(await repository.json(file), 'name')));
    return new Manifests(repository, new Set(files), new Set(names.filter((name) => typeof name === 'string')));
  }

  /** Folder of the nearest manifest; nothing where there is none up to the workspace. */
  manifestOf(file: string): string | undefined {
    for (let folder = posix.dirname(file); ; folder = posix.dirname(folder)) {
      const manifest = posix.join(folder, 'package.json');
      if (this.#files.has(manifest)) return manifest;
      if (folder === '.') return undefined;
    }
  }

  /** All that is named by the manifests of this folder and of those around it. */
  async named(folder: string): Promise<ReadonlySet<string>> {
    const known = this.#named.get(folder);
    if (known) return known;
    const content = await this.#repository.json(posix.join(folder, 'package.json'));
    const outer = folder === '.' ? new Set<string>() : await this.named(posix.dirname(folder));
    const names = new Set([...outer, ...groups.flatMap((group) => namesIn(field(content, group)))]);
    if (field(field(content, 'engines'), 'vscode')) names.add('vscode');
    this.#named.set(folder, names);
    return names;
  }
}

function namesIn(group: unknown): string[] {
  if (Array.isArray(group)) return group.filter((name) => typeof name === 'string');
  return typeof group === 'object' && group !== null ? Object.keys(group) : [];
}

/** Whether one of these packages brings it: itself, or the types of it. */
export function isNamed(name: string, packages: ReadonlySet<string>): boolean {
  return packages.has(name) || packages.has(`@types/${name.replace(/^@/, '').replace('/', '__')}`);
}
