/** Resolves imports of local files and tests whether their targets exist. */
import { posix } from 'node:path';
import type { Import } from '../../../../detection/extract/facts.ts';
import type { ImportingFile, WorkspacePaths } from './import-sources.ts';

/** Extensions that loaders and bundlers add to the path of an import. */
const scriptExtension =
  /^(?:\.(?:d|ios|android|native|web|windows|macos|client|server|browser|node))?\.(?:[cm]?[jt]sx?|json5?|node|wasm|vue|svelte|astro|mdx|coffee|litcoffee|ls|civet|elm|res|gjs|gts|es6?|pegjs|ne)$/;

/** Resolves a relative import of a script, without the query or hash that bundlers interpret. */
function resolveRelativeScript(file: string, spec: string): string | undefined {
  if (!/^\.{1,2}(?:\/|$)/.test(spec) || /[!*{}$]/.test(spec)) return undefined;
  return posix.join(posix.dirname(file), spec.replace(/[?#].*$/, '')).replace(/\/$/, '');
}

/** Tests whether a script exists: as written, with an extension, as the source of a compiled file, or as a folder. */
export function scriptExists(paths: WorkspacePaths, path: string): boolean {
  if (path.startsWith('..')) return true;
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  const stem = name.replace(/\.[cm]?jsx?$/, '');
  const fileNames = paths.listFileNames(folder);
  if (fileNames.includes(name)) return true;
  const isTarget = (fileName: string): boolean =>
    [name, stem].some((prefix) => fileName.startsWith(prefix) && scriptExtension.test(fileName.slice(prefix.length)));
  if (fileNames.some(isTarget)) return true;
  if (paths.hasFolder(path) && isModuleFolder(paths, path)) return true;
  return ['', '.js', '.ts', '.json', '.mjs', '.cjs', '.d.ts', '.node'].some((extension) =>
    paths.hasFile(path + extension),
  );
}

function isModuleFolder(paths: WorkspacePaths, folder: string): boolean {
  const fileNames = paths.listFileNames(folder);
  return (
    fileNames.includes('package.json') ||
    fileNames.some((name) => name.startsWith('index') && scriptExtension.test(name.slice(5))) ||
    ['package.json', 'index.js', 'index.ts'].some((name) => paths.hasFile(posix.join(folder, name)))
  );
}

/** Resolves a relative import of Python to a path without an extension. Returns undefined for an absolute import. */
export function resolveRelativeModule(file: string, spec: string): string | undefined {
  const dots = /^\.+/.exec(spec)?.[0].length ?? 0;
  if (dots === 0) return undefined;
  const up = Array.from({ length: dots - 1 }, () => '..').join('/');
  return posix.join(posix.dirname(file), up, spec.slice(dots).replaceAll('.', '/'));
}

/** Tests whether a Python module exists: as a file, as a package, or as the source of an extension module. */
export function pythonModuleExists(paths: WorkspacePaths, path: string): boolean {
  if (path.startsWith('..') || path === '.') return true;
  if (paths.hasFolder(path) || paths.hasFile(`${path}.py`)) return true;
  return paths.listFileNames(posix.dirname(path)).some((name) => name.startsWith(`${posix.basename(path)}.`));
}

/** Resolves a relative import of a script or of Python. Returns undefined for any other import. */
export function resolveRelativeImport({ file, isPython }: ImportingFile, { from }: Import): string | undefined {
  return isPython ? resolveRelativeModule(file, from) : resolveRelativeScript(file, from);
}
