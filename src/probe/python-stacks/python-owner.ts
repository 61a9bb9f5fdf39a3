import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';

/** Folders of installed packages, as in the Python probe. */
const packageFolders = new Set(['site-packages', 'dist-packages', 'node_modules', '__pypackages__']);
const standardLibrary = /[\\/]lib(?:64)?[\\/]python\d[\d.]*t?[\\/]|[\\/]python\d+\.zip[\\/]/;
/** Prefix of the names under which the probe's own code is loaded. */
const probePrefix = '<frozen pipescope_';
export const probeOwner = '(pipescope)';
export const pythonOwner = '(python)';

/** Decides whose code a Python file is, by the rules of the Python probe: `is_user` in `pipescope_functions.py`. */
export class PythonOwner {
  readonly #roots: readonly string[];
  readonly #probeFolder: string;
  readonly #isEnvironment = new Map<string, boolean>();

  /** @param root folder of the user's own files. If it is empty, all code outside of packages and the standard library is. */
  constructor(root: string, probeFolder: string) {
    this.#probeFolder = join(probeFolder, sep);
    this.#roots = root === '' ? [] : [...new Set([root, realPathOf(root)])].map((path) => join(path, sep));
  }

  /** Returns undefined for the user's own code, and otherwise the name of its owner. */
  ownerOf(file: string): string | undefined {
    if (file.startsWith(probePrefix) || file.startsWith(this.#probeFolder)) return probeOwner;
    if (file.startsWith('<frozen')) return pythonOwner;
    if (!isAbsolute(file)) return '(generated code)';
    const parts = file.split(sep);
    const index = parts.findLastIndex((part) => packageFolders.has(part));
    const name = index < 0 ? undefined : parts[index + 1];
    if (name !== undefined) return `site-packages/${name.replace(/\.pyc?$/, '')}`;
    if (standardLibrary.test(file)) return pythonOwner;
    const isInside = this.#roots.length === 0 || this.#roots.some((root) => file.startsWith(root));
    return isInside && !this.#isInEnvironment(dirname(file)) ? undefined : '(outside the workspace)';
  }

  /** Returns true for folders of a virtual environment. */
  #isInEnvironment(folder: string): boolean {
    const cached = this.#isEnvironment.get(folder);
    if (cached !== undefined) return cached;
    const parent = dirname(folder);
    const isInside = existsSync(join(folder, 'pyvenv.cfg')) || (parent !== folder && this.#isInEnvironment(parent));
    this.#isEnvironment.set(folder, isInside);
    return isInside;
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
