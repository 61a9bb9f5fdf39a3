/** Says whose code a frame is: the user's own, a package's, the runtime's. Only the user's functions are told one by one. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of a script's file, where it has one. */
export function pathOf(url: string): string | undefined {
  const plain = url.split('?')[0] ?? '';
  if (isAbsolute(plain)) return plain;
  if (!plain.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(plain);
  } catch {
    return undefined;
  }
}

export class Owner {
  readonly #roots: readonly string[];
  readonly #hidden: string;

  /** `workspace` empty: every file is the user's. `hidden` is the folder of the probe itself. */
  constructor(workspace: string, hidden: string) {
    this.#roots = workspace === '' ? [] : [...new Set([workspace, real(workspace)])];
    this.#hidden = hidden;
  }

  isOwn(file: string): boolean {
    if (file.startsWith(this.#hidden + sep)) return false;
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

  /** Name under which code that is not the user's own is told as one. */
  nameOf(url: string): string {
    if (url.startsWith('node:')) return '(node)';
    if (url.startsWith('wasm:')) return '(wasm)';
    const file = pathOf(url);
    if (!file) return url === '' ? '(native)' : '(generated code)';
    if (file.startsWith(this.#hidden + sep)) return '(pipescope)';
    const parts = file.split(sep);
    // The innermost folder: stores such as pnpm's nest one in another.
    const at = parts.lastIndexOf('node_modules');
    const [first, second] = [parts[at + 1], parts[at + 2]];
    if (at < 0 || !first) return '(outside the workspace)';
    return `node_modules/${first.startsWith('@') && second ? `${first}/${second}` : first}`;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
