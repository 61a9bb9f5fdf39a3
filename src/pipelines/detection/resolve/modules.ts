/** Finds the workspace file that an import means. */
import { posix } from 'node:path';
import type { Config } from './module-config.ts';

/** A module of the workspace: a file, a folder of modules, or both (a package). */
export interface Module {
  readonly file?: string;
  readonly folder?: string;
}

const endings = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
const indexes = ['/index.ts', '/index.tsx', '/index.d.ts', '/index.js', '/index.jsx', '/index.mjs', '/index.cjs'];
/** What a compiled ending stands for in the source. */
const sources: readonly (readonly [RegExp, string])[] = [
  [/\.js$/, '.ts'],
  [/\.js$/, '.tsx'],
  [/\.jsx$/, '.tsx'],
  [/\.mjs$/, '.mts'],
  [/\.cjs$/, '.cts'],
  [/\.js$/, '.d.ts'],
];
/** Where a package keeps its entry, where its manifest names a file that is built later. */
const entries = ['src/index', 'index', 'lib/index', 'src/main', 'lib/main'];

export class Modules {
  readonly #names: ReadonlySet<string>;
  readonly #configs: readonly Config[];
  /** Answers by file and import. */
  readonly #known = new Map<string, Map<string, Module | undefined>>();
  readonly #python: PythonPath;

  /** `names` are the paths of all files that have facts. */
  constructor(names: Iterable<string>, configs: readonly Config[]) {
    this.#names = new Set(names);
    this.#configs = configs;
    this.#python = new PythonPath(this.#names);
  }

  /** The module that `spec` means in the file `from`, or nothing where it is not of this workspace. */
  resolve(from: string, spec: string, language: string): Module | undefined {
    let known = this.#known.get(from);
    if (!known) {
      known = new Map();
      this.#known.set(from, known);
    }
    if (known.has(spec)) return known.get(spec);
    const isPython = language === 'python';
    const module = isPython ? this.#python.resolve(from, spec) : this.#resolveScript(posix.dirname(from), spec);
    known.set(spec, module);
    return module;
  }

  /** A module inside a folder module (Python). */
  inside(folder: string, name: string): Module | undefined {
    return this.#python.at(posix.join(folder, name));
  }

  #resolveScript(folder: string, spec: string): Module | undefined {
    const paths = spec.startsWith('.') ? [posix.join(folder, spec)] : this.#configured(folder, spec);
    for (const path of paths) {
      const file = this.#fileAt(path);
      if (file) return { file };
    }
    return undefined;
  }

  #fileAt(path: string): string | undefined {
    const clean = path === '.' ? '' : path.replace(/\/$/, '').replace(/^\.\//, '');
    if (this.#names.has(clean)) return clean;
    const built = sources.filter(([ending]) => ending.test(clean)).map(([ending, own]) => clean.replace(ending, own));
    const tries = [
      ...endings.map((end) => clean + end),
      ...built,
      ...indexes.map((index) => (clean === '' ? index.slice(1) : clean + index)),
    ];
    return tries.find((name) => this.#names.has(name));
  }

  #configured(folder: string, spec: string): string[] {
    return this.#configs
      .filter(({ base }) => base === '' || folder === base || folder.startsWith(`${base}/`) || base === '*')
      .flatMap(({ pattern, targets }) => {
        const star = pattern.indexOf('*');
        if (star < 0) return spec === pattern ? targets.flatMap((target) => [target, ...entriesOf(target)]) : [];
        const before = pattern.slice(0, star);
        const after = pattern.slice(star + 1);
        if (!spec.startsWith(before) || !spec.endsWith(after) || spec.length < before.length + after.length) return [];
        const middle = spec.slice(before.length, spec.length - after.length);
        return targets.map((target) => target.replace('*', middle));
      });
  }
}

function entriesOf(target: string): string[] {
  return target.endsWith('/') ? entries.map((entry) => `${target}${entry}`) : [];
}

/** Python's way: dotted names below the folders that packages and scripts stand in. */
class PythonPath {
  readonly #names: ReadonlySet<string>;
  readonly #folders = new Set<string>();
  /** Folders to look in, by the first part of the name. */
  readonly #roots = new Map<string, Set<string>>();

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    for (const name of names) {
      if (!/\.pyi?$/.test(name)) continue;
      for (let folder = posix.dirname(name); folder !== '.'; folder = posix.dirname(folder)) {
        if (this.#folders.has(folder)) break;
        this.#folders.add(folder);
      }
      this.#addRoot(name);
    }
  }

  #addRoot(name: string): void {
    let path = name.replace(/(?:\/__init__)?\.pyi?$/, '');
    let root = posix.dirname(path);
    while (root !== '.' && (this.#names.has(`${root}/__init__.py`) || this.#names.has(`${root}/__init__.pyi`))) {
      path = root;
      root = posix.dirname(root);
    }
    for (const [first, folder] of [
      [posix.basename(path), root],
      [name.split('/')[0]?.replace(/\.pyi?$/, ''), '.'],
    ]) {
      const known = this.#roots.get(first as string);
      if (known) known.add(folder as string);
      else this.#roots.set(first as string, new Set([folder as string]));
    }
  }

  resolve(from: string, spec: string): Module | undefined {
    const dots = /^\.*/.exec(spec)?.[0].length ?? 0;
    const rest = spec.slice(dots).replaceAll('.', '/');
    if (dots > 0) {
      let folder = posix.dirname(from);
      for (let up = 1; up < dots; up++) folder = posix.dirname(folder);
      return this.at(posix.join(folder, rest));
    }
    const roots = [...(this.#roots.get(rest.split('/')[0] as string) ?? [])];
    // Of several the nearest: the one that shares most of its path with the file that asks.
    roots.sort((a, b) => shared(b, from) - shared(a, from));
    for (const root of roots) {
      const module = this.at(posix.join(root, rest));
      if (module) return module;
    }
    return undefined;
  }

  at(path: string): Module | undefined {
    const clean = path.replace(/\/$/, '');
    const file = ['/__init__.py', '/__init__.pyi', '.py', '.pyi']
      .map((end) => clean + end)
      .find((name) => this.#names.has(name));
    const folder = this.#folders.has(clean) ? clean : undefined;
    if (!file && !folder) return undefined;
    return { ...(file ? { file } : {}), ...(folder ? { folder } : {}) };
  }
}

function shared(folder: string, file: string): number {
  if (folder === '.') return 0;
  return file.startsWith(`${folder}/`) ? folder.length : -1;
}
