/** Resolves Python modules: dotted names relative to the folders that contain packages and scripts. */
import { posix } from 'node:path';
import { defined } from '../../../../protocol/defined.ts';
import type { WorkspaceModule } from './module-resolver.ts';

export class PythonModules {
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
