/** Where an import leads: the paths that it can mean, and whether one of them is there. */
import { posix } from 'node:path';
import type { Import } from '../../../../detection/extract/facts.ts';
import type { Places, Source } from './import-sources.ts';

/** What loaders and bundlers of scripts take without being told the ending. */
const code =
  /^(?:\.(?:d|ios|android|native|web|windows|macos|client|server|browser|node))?\.(?:[cm]?[jt]sx?|json5?|node|wasm|vue|svelte|astro|mdx|coffee|litcoffee|ls|civet|elm|res|gjs|gts|es6?|pegjs|ne)$/;

/** The path that a relative import of a script means, without what only tells a bundler how to take it. */
function scriptPath(file: string, spec: string): string | undefined {
  if (!/^\.{1,2}(?:\/|$)/.test(spec) || /[!*{}$]/.test(spec)) return undefined;
  return posix.join(posix.dirname(file), spec.replace(/[?#].*$/, '')).replace(/\/$/, '');
}

/** Whether a script of this path is there: as it is, with an ending, as what it is compiled from, or as a folder. */
export function hasScript(places: Places, path: string): boolean {
  if (path.startsWith('..')) return true;
  const [folder, base] = [posix.dirname(path), posix.basename(path)];
  const bare = base.replace(/\.[cm]?jsx?$/, '');
  const names = places.namesIn(folder);
  if (names.includes(base)) return true;
  if (names.some((name) => [base, bare].some((start) => name.startsWith(start) && code.test(name.slice(start.length)))))
    return true;
  if (places.hasFolder(path) && isModuleFolder(places, path)) return true;
  return ['', '.js', '.ts', '.json', '.mjs', '.cjs', '.d.ts', '.node'].some((end) => places.hasFile(path + end));
}

function isModuleFolder(places: Places, folder: string): boolean {
  const names = places.namesIn(folder);
  return (
    names.includes('package.json') ||
    names.some((name) => name.startsWith('index') && code.test(name.slice(5))) ||
    ['package.json', 'index.js', 'index.ts'].some((name) => places.hasFile(posix.join(folder, name)))
  );
}

/** The path without ending that a relative import of Python means. */
export function pythonPath(file: string, spec: string): string | undefined {
  const dots = /^\.+/.exec(spec)?.[0].length ?? 0;
  if (dots === 0) return undefined;
  const up = Array.from({ length: dots - 1 }, () => '..').join('/');
  return posix.join(posix.dirname(file), up, spec.slice(dots).replaceAll('.', '/'));
}

/** A module, a package, or a part in another language that is compiled to one. */
export function hasPython(places: Places, path: string): boolean {
  if (path.startsWith('..') || path === '.') return true;
  if (places.hasFolder(path) || places.hasFile(`${path}.py`)) return true;
  return places.namesIn(posix.dirname(path)).some((name) => name.startsWith(`${posix.basename(path)}.`));
}

/** The relative path that an import means, in either language. */
export function relativePath({ file, isPython }: Source, { from }: Import): string | undefined {
  return isPython ? pythonPath(file, from) : scriptPath(file, from);
}
