/** C and C++: CMake, Meson, Autotools or Make, the first one that a folder has. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, posix } from 'node:path';
import type { CheckContext, ProgramResult } from '../../../check/check.ts';
import { listFilesBelow } from '../building/created-files.ts';
import {
  type BuildCopy,
  type BuildProject,
  type Ecosystem,
  missing,
  notApplicable,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { findManifests } from '../building/find-manifests.ts';
import { hasSideEffects } from '../building/side-effects.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';
import { nativeResult } from './native-programs.ts';

const jobs = String(availableParallelism());

const cmakeUnavailable: readonly UnavailableRow[] = [
  [
    /Could NOT find (\w+)|Could not find a (?:package configuration file provided by|configuration file for package) "([\w.-]+)"/,
    'The build needs $1. Install its development package.',
  ],
  [/(?:CMake [\d.]+ or higher is required|Compatibility with CMake)/, 'The build needs another version of CMake.'],
  [
    /No CMAKE_(\w+)_COMPILER could be found|CMake was unable to find a build program/,
    'The build needs a compiler and Make or Ninja.',
  ],
  [/FetchContent|FETCHCONTENT|download|ExternalProject/i, 'The build downloads parts of it.'],
  [/(?:required|not found|could not find|does not exist|missing):? /i, 'The build needs what is not installed.'],
];

const mesonUnavailable: readonly UnavailableRow[] = [
  [
    /(?:Dependency|Program|Header|library) ["']?([\w.+-]+)["']?.* (?:not found|NO)/i,
    'The build needs $1. Install its development package.',
  ],
  [/wrap-mode|Automatic wrap-based|Subproject .* failed/i, 'The build downloads parts of it.'],
  [/Meson version is .* but project requires/, 'The build needs another version of Meson.'],
  [/Unknown compiler|Could not detect Ninja/, 'The build needs a compiler and Ninja.'],
];

/** Errors of a compiler that is older than the sources need, or that the sources reject themselves. */
const compilerUnavailable: readonly UnavailableRow[] = [
  [
    /unrecognized command[- ]line option|unknown argument: '([^']+)'|invalid value '[^']+' in '-std=/,
    'The build needs another compiler.',
  ],
  [/error: #error "?([^"\n]+)/, 'The sources reject this compiler or system: $1.'],
];

const makeUnavailable: readonly UnavailableRow[] = [
  ...compilerUnavailable,
  [/No rule to make target '([^']+)'/, 'The build needs $1, which another step has to create.'],
  [
    /^(?:make(?:\[\d+\])?|\/bin\/\w*sh): (?:.*: )?([\w./+-]+): (?:No such file or directory|Command not found)/im,
    'The build needs $1, which is not there.',
  ],
];

async function buildWithCmake({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, run } = copy;
  const source = join(root, folder);
  const target = join(source, 'pipescope-build');
  const options = { cwd: source, maxBytes: 1_000_000 };
  const variables = [
    'CMAKE_BUILD_TYPE=Release',
    'FETCHCONTENT_FULLY_DISCONNECTED=ON',
    // An installation removes the absolute search paths for libraries that a build tree has.
    'CMAKE_BUILD_RPATH_USE_ORIGIN=ON',
  ];
  const setup = ['-S', source, '-B', target, ...variables.map((variable) => `-D${variable}`)];
  const configured = await run('cmake', setup, options);
  if (!configured) return missing('cmake is not installed.');
  if (configured.code !== 0) return judgeFailure('cmake', configured, copy, cmakeUnavailable);
  const built = await run('cmake', ['--build', target, '--config', 'Release', '--parallel', jobs], options);
  if (built?.code !== 0)
    return built ? judgeFailure('cmake --build', built, copy, compilerUnavailable) : missing('cmake is not installed.');
  const text = (await context.repository.text(manifest)) ?? '';
  return nativeResult(target, manifest, /\bproject\s*\([^)]*\bVERSION\s+"?(\d+(?:\.\d+)+)/i.exec(text)?.[1]);
}

async function buildWithMeson({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, run } = copy;
  const source = join(root, folder);
  const target = join(source, 'pipescope-build');
  const options = { cwd: source, maxBytes: 1_000_000 };
  const setup = ['setup', target, source, '--wrap-mode=nodownload', '--buildtype=release'];
  const configured = await run('meson', setup, options);
  if (!configured) return missing('meson is not installed.');
  if (configured.code !== 0) return judgeFailure('meson setup', configured, copy, mesonUnavailable);
  const built = await run('meson', ['compile', '-C', target], options);
  if (built?.code !== 0)
    return built ? judgeFailure('meson compile', built, copy, compilerUnavailable) : missing('meson is not installed.');
  const text = (await context.repository.text(manifest)) ?? '';
  return nativeResult(target, manifest, /\bproject\s*\([^)]*\bversion\s*:\s*'(\d+(?:\.\d+)+)'/.exec(text)?.[1]);
}

async function buildWithMake({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { root, run } = copy;
  const options = { cwd: join(root, folder), maxBytes: 1_000_000 };
  const plan = await run('make', ['--dry-run'], options);
  if (!plan) return missing('make is not installed.');
  if (plan.code !== 0) return judgeFailure('make --dry-run', plan, copy, makeUnavailable);
  if (hasSideEffects(plan.stdout)) return notApplicable('The default target of make does more than build.');
  const earlier = new Set(await listFilesBelow(options.cwd));
  const built = await run('make', ['-j', jobs], options);
  if (built?.code !== 0)
    return built ? judgeFailure('make', built, copy, makeUnavailable) : missing('make is not installed.');
  return nativeResult(options.cwd, manifest, undefined, earlier);
}

async function buildWithAutotools(project: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { root, run } = copy;
  const cwd = join(root, project.folder);
  if (!existsSync(join(cwd, 'configure')))
    return missing(
      'The build needs the script configure, which Autotools create. Validate a source release, or add it.',
    );
  const configured = await run(join(cwd, 'configure'), ['--quiet'], { cwd, maxBytes: 1_000_000 });
  if (!configured) return missing('The script configure is not executable.');
  // A script that tests the machine fails because of the machine.
  if (configured.code !== 0) return missing(`The script configure fails: ${lastLine(configured)}`);
  return buildWithMake(project, copy);
}

function lastLine({ stdout, stderr }: ProgramResult): string {
  const line = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
  return `${line.trim().slice(0, 200).replace(/\.$/, '')}.`;
}

const sourceFile = /\.(?:c|cc|cpp|cxx)$/;

/** Returns the folders with a build system whose sources are C or C++, and which no package of a language builds. */
async function findNative(context: CheckContext, name: RegExp, others: readonly string[]): Promise<BuildProject[]> {
  const { repository } = context;
  const files = await repository.files();
  const fileSet = await repository.fileSet();
  const stacks = (await repository.stacks()).map((stack) => stack.folder);
  return (await findManifests(repository, name)).filter(({ folder }) => {
    const prefix = folder === '' ? '' : `${folder}/`;
    const hasOther = others.some((other) => fileSet.has(posix.join(folder, other)));
    const sources = files.filter((file) => file.startsWith(prefix) && sourceFile.test(file));
    return !hasOther && sources.length > 0 && !stacks.includes(folder);
  });
}

/** Returns whether a Makefile compiles by itself, rather than call other tools. */
async function compiles({ repository }: CheckContext, { manifest }: BuildProject): Promise<boolean> {
  return /\$[({](?:CC|CXX|COMPILE\.\w+|LINK\.\w+)\b|^\s*(?:gcc|g\+\+|clang|clang\+\+|cc)\s|^[\w./-]+:.*\.o\b/m.test(
    (await repository.text(manifest)) ?? '',
  );
}

export const nativeEcosystems: readonly Ecosystem[] = [
  { name: 'CMake', find: (context) => findNative(context, /^CMakeLists\.txt$/, []), build: buildWithCmake },
  {
    name: 'Meson',
    find: (context) => findNative(context, /^meson\.build$/, ['CMakeLists.txt']),
    build: buildWithMeson,
  },
  {
    name: 'Autotools',
    find: (context) => findNative(context, /^configure(?:\.ac|\.in)?$/, ['CMakeLists.txt', 'meson.build']),
    build: buildWithAutotools,
  },
  {
    name: 'Make',
    find: async (context) => {
      const others = ['CMakeLists.txt', 'meson.build', 'configure.ac', 'configure.in', 'configure'];
      const projects = await findNative(context, /^(?:GNUm|m|M)akefile$/, others);
      const isOwn = await Promise.all(projects.map((project) => compiles(context, project)));
      return projects.filter((_, index) => isOwn[index]);
    },
    build: buildWithMake,
  },
];
