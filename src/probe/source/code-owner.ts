import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the file path of a script's URL, or undefined if the script has no file. */
export function pathOf(url: string): string | undefined {
  const withoutQuery = url.split('?')[0] ?? '';
  if (isAbsolute(withoutQuery)) return withoutQuery;
  if (!withoutQuery.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(withoutQuery);
  } catch {
    return undefined;
  }
}

/**
 * Decides whose code a file is: the user's, a package's or the runtime's. Functions that are not user code are grouped by
 * their owner.
 */
export class CodeOwner {
  /** Group of the probe's own scripts. */
  static readonly probeGroup = '(pipescope)';
  readonly #roots: readonly string[];
  readonly #probeFolder: string;

  /** With an empty `workspace` every file outside the probe's folder is user code. */
  constructor(workspace: string, probeFolder: string) {
    this.#roots = workspace === '' ? [] : [...new Set([workspace, realPathOf(workspace)])];
    this.#probeFolder = probeFolder;
  }

  /** Returns true for files inside the workspace but outside `node_modules`. */
  isUserCode(file: string): boolean {
    if (file.startsWith(this.#probeFolder + sep)) return false;
    if (this.#roots.length === 0) return true;
    return this.#roots.some((root) => {
      const inside = relative(root, file);
      return (
        inside !== '' &&
        !isAbsolute(inside) &&
        !inside.split(sep).some((part) => part === '..' || part === 'node_modules')
      );
    });
  }

  /** Returns the group in which a script that is not user code is reported, such as its package. */
  groupNameOf(url: string): string {
    if (url.startsWith('node:')) return '(node)';
    if (url.startsWith('wasm:')) return '(wasm)';
    const file = pathOf(url);
    if (!file) return url === '' ? '(native)' : '(generated code)';
    if (file.startsWith(this.#probeFolder + sep)) return CodeOwner.probeGroup;
    const parts = file.split(sep);
    // The innermost `node_modules` folder holds the package, because pnpm and others nest these folders.
    const index = parts.lastIndexOf('node_modules');
    const [first, second] = [parts[index + 1], parts[index + 2]];
    if (index < 0 || !first) return '(outside the workspace)';
    return `node_modules/${first.startsWith('@') && second ? `${first}/${second}` : first}`;
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
