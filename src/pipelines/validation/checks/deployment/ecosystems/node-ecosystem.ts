/** Node: the script “build” of the workspace, and the programs in the `bin` fields of its packages. */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';
import { listFilesBelow } from '../building/created-files.ts';
import {
  type BuildCopy,
  type BuiltProgram,
  type Ecosystem,
  missing,
  notApplicable,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { hasSideEffects } from '../building/side-effects.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';

const maxCalls = 50;

/** Returns whether the build script, or one that it calls, does more than build. */
function doesMore(scripts: unknown): boolean {
  const names = ['prebuild', 'build', 'postbuild'];
  for (let index = 0; index < names.length && index < maxCalls; index++) {
    const script = field(scripts, names[index] as string);
    if (typeof script !== 'string') continue;
    if (hasSideEffects(script)) return true;
    // Every script whose name occurs may be called, by whatever runner.
    const parts = new Set(script.split(/[\s"'&|;()]+/));
    names.push(...Object.keys(scripts ?? {}).filter((name) => parts.has(name) && !names.includes(name)));
  }
  return false;
}

const unavailable: readonly UnavailableRow[] = [
  [
    /Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|Could not resolve|Can't resolve|TS2307/,
    'A package of the build is not installed.',
  ],
  [/ENOENT|EACCES|EPERM/, 'The build needs a file that is not part of the workspace.'],
];

/** Folders with caches rather than results of a build. */
const cacheFolder = /(?:^|\/)(?:node_modules|\.[^/]*cache|cache|\.turbo|\.parcel-cache)(?:\/|$)|\.tsbuildinfo$/;

async function buildNode(copy: BuildCopy): Promise<ProjectBuild> {
  const { repository } = copy.context;
  const scripts = field(await repository.json('package.json'), 'scripts');
  if (doesMore(scripts)) return notApplicable('The build also installs, publishes or calls other services.');
  if (!existsSync(join(copy.root, 'node_modules'))) return missing('The dependencies are not installed.');
  const stacks = await repository.stacks();
  const program = stacks.find(({ id, folder }) => id === 'node' && folder === '')?.packageManager ?? 'npm';
  // Builds of other ecosystems in the same copy may have created files.
  const earlier = new Set(await listFilesBelow(copy.root, (name) => cacheFolder.test(name)));
  // Scripts that read their folder from these variables must not reach the original either.
  const env = { PWD: copy.root, INIT_CWD: copy.root };
  const result = await copy.run(program, ['run', 'build'], { env, maxBytes: 1_000_000 });
  if (!result || result.code === 127) return missing(`${program} or a program of the build is not installed.`);
  if (result.code !== 0) return judgeFailure(`${program} run build`, result, copy, unavailable);
  const files = await listFilesBelow(copy.root, (name) => cacheFolder.test(name));
  return {
    kind: 'built',
    artifacts: files.filter((file) => !earlier.has(file)),
    programs: await findNodePrograms(repository, copy.root),
  };
}

const maxPrograms = 10;
const maxProgramBytes = 2_000_000;
/**
 * Libraries for command lines that give every program such an option, and code that handles it. Any other program may take
 * the option for a name, such as that of a folder to create. The argument of a program that it starts does not count.
 */
const answersVersion =
  /(?:\bfrom\s*|\b(?:require|import)\s*\(?\s*)['"](?:commander|yargs|cac|meow|@oclif\/core|sade|citty|clipanion)(?:\/[^'"]*)?['"]|\.version\s*\(\s*[^)\s]|(?<!\[\s*)['"`]--version['"`]|['"`]--version['"`](?!\s*\])/;

/** @param root folder with the built files: the workspace or a copy of it */
export async function findNodePrograms(repository: Repository, root: string): Promise<BuiltProgram[]> {
  const programs: BuiltProgram[] = [];
  for (const { id, folder, manifest } of await repository.stacks()) {
    const content = id === 'node' ? await repository.json(manifest) : undefined;
    const [bin, announced] = [field(content, 'bin'), field(content, 'version')];
    const paths = typeof bin === 'string' ? { [String(field(content, 'name'))]: bin } : (bin ?? {});
    for (const [name, path] of Object.entries(paths)) {
      const file = join(root, posix.join(folder, String(path)));
      const text = await readProgram(root, file);
      if (typeof announced !== 'string' || text === undefined || !answersVersion.test(text)) continue;
      programs.push({ manifest, name, command: 'node', args: [file], version: announced });
    }
  }
  return programs.slice(0, maxPrograms);
}

async function readProgram(root: string, file: string): Promise<string | undefined> {
  if (relative(root, file).split(sep)[0] === '..') return undefined;
  const size = await stat(file).catch(() => undefined);
  return size?.isFile() && size.size <= maxProgramBytes ? readFile(file, 'utf8') : undefined;
}

export const nodeEcosystem: Ecosystem = {
  name: 'Node',
  needsPackages: true,
  find: async ({ repository }) => {
    const scripts = field(await repository.json('package.json'), 'scripts');
    return typeof field(scripts, 'build') === 'string' ? [{ folder: '', manifest: 'package.json' }] : [];
  },
  build: (_project, copy) => buildNode(copy),
  existingPrograms: ({ repository }: CheckContext) => findNodePrograms(repository, repository.root),
};
