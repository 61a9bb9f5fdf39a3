/** Entry points of a Node package: programs in `bin`, and the modules that others import. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../repository/repository.ts';
import type { EntryPoint } from './entry-points.ts';

/** Names of scripts that may create files before the package is used. */
const buildScript =
  /^(?:pre|post)?(?:build|prepare|prepack|prepublish|prepublishOnly|compile|bundle|dist|generate|tsc|dev|watch|release)(?:[:-].*)?$/i;
const extensions = [
  '',
  '.js',
  '.cjs',
  '.mjs',
  '.json',
  '.node',
  '/index.js',
  '/index.cjs',
  '/index.json',
  '/package.json',
];
const dependencyKeys = ['dependencies', 'devDependencies', 'peerDependencies'];
const maxDepth = 6;

/** Files that are missing in a package with a build script are taken for files that it creates. */
export async function readNodeEntries(repository: Repository, { folder, manifest }: Stack): Promise<EntryPoint[]> {
  const content = await repository.json(manifest);
  const files = await repository.fileSet();
  const hasBuild = await mayBuild(repository, folder);
  const exists = (path: string): boolean =>
    extensions.some((extension) => {
      const file = posix.join(folder, path) + extension;
      return files.has(file) || existsSync(join(repository.root, file));
    });
  const dependencies = new Set(dependencyKeys.flatMap((key) => Object.keys(field(content, key) ?? {})));
  // Some bundlers also accept a module of another package, such as `router/entry`.
  const isInPackage = (path: string): boolean => dependencies.has(/^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '');
  return announcedPaths(content).map(([name, path]) =>
    hasBuild || exists(path) || isInPackage(path) ? { name } : { name, problem: `the file ${path} does not exist.` },
  );
}

async function mayBuild(repository: Repository, folder: string): Promise<boolean> {
  for (const around of new Set([folder, ''])) {
    const scripts = field(await repository.json(posix.join(around, 'package.json')), 'scripts');
    if (Object.keys(scripts ?? {}).some((name) => buildScript.test(name))) return true;
  }
  const files = await repository.files();
  // Other build systems that create files of packages.
  return files.some((file) =>
    /^(?:(?:GNU)?[Mm]akefile|\.?[Jj]ustfile|Gruntfile\.\w+|gulpfile\.\w+|WORKSPACE|BUILD(?:\.bazel)?|nx\.json|turbo\.json|lerna\.json)$/.test(
      posix.basename(file),
    ),
  );
}

function announcedPaths(content: unknown): (readonly [name: string, path: string])[] {
  const bin = field(content, 'bin');
  const programs = typeof bin === 'string' ? [['bin', bin] as const] : pathsIn(bin, 'bin', 0);
  // Only a published package has importers.
  const modules =
    field(content, 'private') === true
      ? []
      : ['main', 'module', 'types', 'typings', 'exports'].flatMap((key) => pathsIn(field(content, key), key, 0));
  return [...programs, ...modules].filter(([, path]) => !/[*{}$]/.test(path) && !path.startsWith('../'));
}

/** Returns all paths in a value such as `exports`, with the keys that lead to them. */
function pathsIn(value: unknown, name: string, depth: number): (readonly [string, string])[] {
  if (typeof value === 'string') return [[name, value]];
  if (depth > maxDepth || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => pathsIn(item, `${name} “${key}”`, depth + 1));
}
