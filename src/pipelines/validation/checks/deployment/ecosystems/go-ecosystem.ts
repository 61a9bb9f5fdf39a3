/** Go: `go build -trimpath` of all packages of a module, and of each program. */
import { mkdir } from 'node:fs/promises';
import { basename, join, posix, relative, sep } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { isGoTooOld } from '../../compile/tools/offline-tools.ts';
import { selectStacks } from '../../compile/tools/tool.ts';
import {
  type BuildCopy,
  type BuildProject,
  type BuiltProgram,
  type Ecosystem,
  missing,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { isAuxiliary } from '../building/find-manifests.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';

const maxModules = 5;
const maxPrograms = 10;

const unavailable: readonly UnavailableRow[] = [
  [
    /GOPROXY=off|no required module provides|cannot find module providing|missing go\.sum entry|module lookup disabled/,
    'Modules are not downloaded. Run “go mod download”.',
  ],
  [
    /requires go >=|invalid go version|module requires Go|note: module requires|toolchain not available|unknown directive|is not in GOROOT|is not in std/,
    'The build needs another version of Go.',
  ],
  [/replacement directory (\S+) does not exist/, 'The build needs the folder $1, which is not part of the workspace.'],
  [/pattern (\S+): no matching files found/, 'The build embeds $1, which another build has to create.'],
  [
    /build constraints exclude all Go files|executable file not found/,
    'The build needs another system or a C compiler.',
  ],
];

async function buildGo({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, output, run } = copy;
  const stack: Stack = { id: 'go', folder, manifest, packageManager: 'go' };
  if (await isGoTooOld(context, stack)) return missing(`${manifest} requires a newer version of Go.`);
  const env = {
    GOFLAGS: process.env['GOFLAGS'] ?? '',
    // The cache would answer the repetition with the files of the first build.
    ...(copy.isRepetition ? { GOCACHE: join(output, 'go-cache') } : {}),
  };
  const cwd = join(root, folder);
  const all = await run('go', ['build', '-trimpath', './...'], { cwd, env });
  if (!all) return missing('go is not installed.');
  if (all.code !== 0 && !/matched no packages/.test(all.stderr))
    return judgeFailure('go build ./...', all, copy, unavailable);
  const format = '{{if eq .Name "main"}}{{.Dir}}{{end}}';
  const list = await run('go', ['list', '-f', format, './...'], { cwd, env, maxBytes: 1_000_000 });
  const folders = (list?.stdout ?? '').split('\n').filter((path) => path !== '');
  const artifacts: string[] = [];
  const programs: BuiltProgram[] = [];
  for (const path of folders.slice(0, maxPrograms)) {
    const source = relative(root, path).split(sep).join('/');
    if (isAuxiliary(source)) continue;
    const name = basename(source === '' ? moduleName((await context.repository.text(manifest)) ?? '') : path);
    const program = join(output, posix.join('go', source, process.platform === 'win32' ? `${name}.exe` : name));
    await mkdir(join(program, '..'), { recursive: true });
    const result = await run('go', ['build', '-trimpath', '-o', program, '.'], { cwd: path, env });
    if (result?.code !== 0)
      return result ? judgeFailure('go build', result, copy, unavailable) : missing('go is not installed.');
    artifacts.push(program);
    // The version of a Go program is not in its manifest.
    if (await handlesVersion(context.repository, source))
      programs.push({ manifest, name, command: program, args: [], startError: /^(?:panic|fatal error): / });
  }
  if (artifacts.length > 0) return { kind: 'built', artifacts, programs };
  return { kind: 'built', artifacts, programs, summary: 'All packages of the module compile; it has no program.' };
}

/** Returns the last element of the module path that is not a major version, as `go build` names the program. */
function moduleName(manifest: string): string {
  const path = /^\s*module\s+"?([^\s"]+)/m.exec(manifest)?.[1] ?? 'program';
  return path.replace(/\/v\d+$/, '');
}

/** Libraries for command lines, which reject an option that they do not know, and code that defines the option. */
const answersVersion =
  /"github\.com\/(?:spf13\/cobra|urfave\/cli|alecthomas\/(?:kong|kingpin)|jessevdk\/go-flags|alexflint\/go-arg)|"--version"|\bBool(?:Var)?P?\(\s*(?:&[\w.]+,\s*)?"version"/;

async function handlesVersion(repository: Repository, folder: string): Promise<boolean> {
  for (const file of await repository.files()) {
    const isMain = posix.dirname(file) === (folder || '.') && file.endsWith('.go') && !file.endsWith('_test.go');
    if (isMain && answersVersion.test((await repository.text(file)) ?? '')) return true;
  }
  return false;
}

export const goEcosystem: Ecosystem = {
  name: 'Go',
  find: async (context: CheckContext) => (await selectStacks(context, 'go')).slice(0, maxModules),
  build: buildGo,
};
