/** Python: a wheel by the project's build backend, and the console scripts in it. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, isAbsolute, join, posix } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import type { Stack } from '../../../repository/repository.ts';
import { selectStacks } from '../../compile/tools/tool.ts';
import { listFilesBelow } from '../building/created-files.ts';
import {
  type BuildCopy,
  type BuildProject,
  type BuiltProgram,
  type Ecosystem,
  missing,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';

const maxProjects = 5;

const unavailable: readonly UnavailableRow[] = [
  [
    /Missing dependencies:\s*([^\n]*[\w\]])/,
    'The build needs $1. Install the packages of [build-system] in the environment of the project.',
  ],
  [
    /Some build dependencies for [^\n]* (?:missing|conflict|incompatible)[^\n]*: '?([^\n']*[\w\]])/,
    'Build dependencies do not fit: $1. Install the packages of [build-system] in the environment of the project.',
  ],
  [
    /BackendUnavailable|Cannot import '([\w.]+)'|invalid command 'bdist_wheel'/,
    'The build backend is not installed. Install the packages of [build-system] in the environment of the project.',
  ],
  [/requires a different Python: ([^\n]+)|requires Python ([^\n]+)/, 'The build needs another version of Python ($1).'],
  [
    /unable to detect version|Unable to determine which files|VersionNotFound|No version found/,
    'The build needs the Git repository.',
  ],
  [/Could not find a version that satisfies the requirement (\S+)/, 'The build needs $1, which is not installed.'],
  [
    /unable to execute|command '[^']+' failed: No such file|error: Microsoft Visual C\+\+/,
    'The build needs a C compiler.',
  ],
  [/Python\.h: No such file/, 'The build needs the headers of Python.'],
];

/** Returns a module of the workspace's virtual environment, or else of the interpreter on the PATH. */
async function findInterpreter({ folder }: BuildProject, { repository }: CheckContext): Promise<string> {
  return (await repository.tool('python', folder)) ?? (process.platform === 'win32' ? 'python' : 'python3');
}

/** Reproducible builds use this time instead of the current one: https://reproducible-builds.org/specs/source-date-epoch/ */
const sourceDate = '1577836800';

async function buildPython(project: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, output, run } = copy;
  const python = await findInterpreter(project, context);
  const wheels = join(output, 'wheel', project.folder);
  await mkdir(wheels, { recursive: true });
  const source = join(root, project.folder);
  // Not in the folder of the project, whose folder `build` would hide the module.
  const options = {
    cwd: output,
    env: { SOURCE_DATE_EPOCH: process.env['SOURCE_DATE_EPOCH'] ?? sourceDate, PYTHONDONTWRITEBYTECODE: '1' },
    maxBytes: 1_000_000,
  };
  const probe = await run(python, ['-c', modulesScript], options);
  if (!probe) return missing('Python is not installed.');
  const modules = probe.stdout.split(/\s+/);
  if (!modules.includes('build') && !modules.includes('pip'))
    return missing('The build needs the module build or pip. Install one of them in the environment of the project.');
  const args = modules.includes('build')
    ? ['-m', 'build', '--wheel', '--no-isolation', '--outdir', wheels, source]
    : [
        '-m',
        'pip',
        'wheel',
        '--no-build-isolation',
        '--check-build-dependencies',
        '--no-deps',
        '--wheel-dir',
        wheels,
        source,
      ];
  const result = await run(python, args, options);
  if (!result) return missing('Python is not installed.');
  if (result.code !== 0) {
    const failure = await judgeFailure(`python -m ${args[1]}`, result, copy, unavailable);
    if (failure.kind !== 'failed') return failure;
    const module = await findMissingModule(`${result.stdout}\n${result.stderr}`, project, context);
    if (module !== undefined)
      return missing(`Python cannot import ${module}. Install it in the environment of the project.`);
    return (await usesOwnPackages(python, project, context)) ? failure : missing(foreignPackages);
  }
  const artifacts = await listFilesBelow(wheels);
  const programs: BuiltProgram[] = [];
  for (const wheel of artifacts) programs.push(...(await readScripts(python, wheel, project, copy)));
  return { kind: 'built', artifacts, programs };
}

/** The packages of a machine may be older or newer than the ones that the project would install for its build. */
const foreignPackages =
  'The build fails with the packages of this machine, which may not be those that the project needs. Install the packages of [build-system] in a virtual environment of the project.';

/** Returns whether the build uses packages of the project's environment only, or none at all. */
async function usesOwnPackages(
  python: string,
  { folder }: BuildProject,
  { repository }: CheckContext,
): Promise<boolean> {
  if (isAbsolute(python) || process.env['VIRTUAL_ENV'] !== undefined) return true;
  const system = field(await repository.toml(posix.join(folder, 'pyproject.toml')), 'build-system');
  return field(system, 'backend-path') !== undefined && texts(field(system, 'requires')).length === 0;
}

const modulesScript = `
import importlib.util
for name in ('build.__main__', 'pip'):
    try:
        if importlib.util.find_spec(name): print(name.split('.')[0])
    except ImportError: pass
`;

/** Returns a module that is not installed. One of the workspace does not count, because then its build is broken. */
async function findMissingModule(
  output: string,
  { folder }: BuildProject,
  { repository }: CheckContext,
): Promise<string | undefined> {
  const prefixes = ['', 'src/'].map((source) => (folder === '' ? source : `${folder}/${source}`));
  const files = await repository.files();
  const isOwn = (name: string): boolean =>
    prefixes.some((prefix) =>
      files.some((file) => file === `${prefix}${name}.py` || file.startsWith(`${prefix}${name}/`)),
    );
  const names = [...output.matchAll(/No module named '?([\w]+)/g)].map(([, name]) => name as string);
  return names.find((name) => !isOwn(name));
}

/** Starts a console script of a wheel that is unpacked in a folder of PYTHONPATH, as an installed one would start. */
const startScript = `
import importlib, sys
module, attribute, *sys.argv = sys.argv[1:]
target = importlib.import_module(module)
for name in attribute.split('.'):
    target = getattr(target, name)
sys.exit(target())
`;

const answersVersion = /version_option|action\s*=\s*['"]version['"]|['"]--version['"]/;

/** Returns the console scripts of a wheel that handle the option for their version. */
async function readScripts(
  python: string,
  wheel: string,
  { manifest }: BuildProject,
  { output, run }: BuildCopy,
): Promise<BuiltProgram[]> {
  if (!wheel.endsWith('.whl')) return [];
  const unpacked = join(output, 'unpacked', basename(wheel));
  const result = await run(python, ['-m', 'zipfile', '-e', wheel, unpacked], { cwd: output });
  if (result?.code !== 0) return [];
  const metadata = (await readdir(unpacked)).find((name) => name.endsWith('.dist-info'));
  const read = (name: string): Promise<string> =>
    readFile(join(unpacked, metadata ?? '', name), 'utf8').catch(() => '');
  const version = /^Version: (\S+)/m.exec(await read('METADATA'))?.[1];
  const section = /^\[console_scripts\]\n((?:(?!\[).*\n?)*)/m.exec(await read('entry_points.txt'))?.[1] ?? '';
  const programs: BuiltProgram[] = [];
  for (const [, name = '', module = '', attribute = ''] of section.matchAll(
    /^([\w.-]+)\s*=\s*([\w.]+)\s*:\s*([\w.]+)/gm,
  )) {
    const [top = ''] = module.split('.');
    if (!(await handlesVersion(unpacked, top))) continue;
    programs.push({
      manifest,
      name,
      command: python,
      args: ['-c', startScript, module, attribute, name],
      env: { PYTHONPATH: unpacked, PYTHONDONTWRITEBYTECODE: '1' },
      startError: new RegExp(
        `SyntaxError|IndentationError|NameError|No module named '${top}|cannot import name .* from (?:partially initialized module )?'${top}|module '${top}[\\w.]*' has no attribute`,
      ),
      ...(version === undefined ? {} : { version }),
    });
  }
  return programs;
}

async function handlesVersion(unpacked: string, top: string): Promise<boolean> {
  const files = [join(unpacked, `${top}.py`), ...(await listFilesBelow(join(unpacked, top)))];
  for (const file of files) {
    if (file.endsWith('.py') && answersVersion.test(await readFile(file, 'utf8').catch(() => ''))) return true;
  }
  return false;
}

/** Returns whether the manifest describes a package, rather than only requirements or tools. */
async function isPackage({ repository }: CheckContext, { folder, manifest }: Stack): Promise<boolean> {
  if (/setup\.(?:py|cfg)$/.test(manifest)) return true;
  if (!manifest.endsWith('pyproject.toml')) return false;
  if ((await repository.fileSet()).has(posix.join(folder, 'setup.py'))) return true;
  const content = await repository.toml(manifest);
  if (field(field(field(content, 'tool'), 'uv'), 'package') === false) return false;
  return field(content, 'build-system') !== undefined;
}

export const pythonEcosystem: Ecosystem = {
  name: 'Python',
  find: async (context) => {
    const stacks = await selectStacks(context, 'python');
    const packages = await Promise.all(stacks.map((stack) => isPackage(context, stack)));
    return stacks.filter((_, index) => packages[index]).slice(0, maxProjects);
  },
  build: buildPython,
};
