/** Rust: `cargo build --release` of each outermost package or workspace. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';
import { findOutermostCrates } from '../../compile/tools/offline-tools.ts';
import { findRustConflict } from '../../compile/tools/project/tool-version.ts';
import {
  type BuildCopy,
  type BuildProject,
  type BuiltProgram,
  type Ecosystem,
  missing,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';

const unavailable: readonly UnavailableRow[] = [
  [
    /attempting to make an HTTP request|--offline|no matching package named|failed to (?:download|get|load source|fetch)|can't checkout from/,
    'Crates are not downloaded. Run “cargo fetch”.',
  ],
  [/failed to run custom build command for `([\w-]+)/, 'The build script of $1 needs what is not installed.'],
  [/linker `([^`]+)` not found/, 'The build needs the linker $1.'],
  [/toolchain '([^']+)' is not installed/, 'The toolchain $1 is not installed. Run “rustup toolchain install”.'],
  [
    /requires rustc ([\d.]+)|requires the `([\w-]+)` feature|feature `([\w-]+)` is required/,
    'The build needs another version of Rust ($1).',
  ],
  [
    /failed to (?:read|find a workspace root)|No such file or directory \(os error 2\)/,
    'The build needs a file outside the workspace.',
  ],
  [
    /can't find crate for `(?:std|core)`|may not be used on the stable release channel/,
    'The build needs another toolchain of Rust.',
  ],
];

/** A message of `cargo build --message-format json` about a created file. */
interface ArtifactMessage {
  readonly reason?: string;
  readonly package_id?: string;
  readonly manifest_path?: string;
  readonly target?: { readonly name?: string; readonly kind?: readonly string[] };
  readonly filenames?: readonly string[];
  readonly executable?: string | null;
}

/** A .rlib is only for the compiler, which other crates do not get. */
const libraryFile = /\.(?:a|so|dylib|dll|lib|wasm)$/;

async function buildRust({ folder }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, run } = copy;
  const conflict = await findRustConflict(context, folder);
  if (conflict) return missing(conflict);
  const lock = existsSync(join(root, folder, 'Cargo.lock')) ? ['--locked'] : [];
  const args = ['build', '--release', '--offline', ...lock, '--message-format', 'json-render-diagnostics'];
  const env = { CARGO_TARGET_DIR: join(root, folder, 'target') };
  const result = await run('cargo', args, { cwd: join(root, folder), env, maxBytes: 16_000_000 });
  if (!result) return missing('cargo is not installed.');
  if (result.code !== 0) return judgeFailure('cargo build', { ...result, stdout: '' }, copy, unavailable);
  const messages = parseMessages(result.stdout).filter(({ manifest_path: path }) => path?.startsWith(`${root}/`));
  const executables = messages.filter(({ executable }) => typeof executable === 'string');
  const libraries = messages.filter(
    ({ target }) => !target?.kind?.some((kind) => /proc-macro|custom-build/.test(kind)),
  );
  const files = libraries.flatMap(({ filenames = [] }) => filenames.filter((file) => libraryFile.test(file)));
  const artifacts = [...new Set([...executables.map(({ executable }) => executable as string), ...files])];
  const programs = await selectPrograms(executables, copy);
  if (artifacts.length > 0) return { kind: 'built', artifacts, programs };
  return { kind: 'built', artifacts, programs, summary: 'All crates compile; they have no program.' };
}

function parseMessages(stdout: string): ArtifactMessage[] {
  return stdout.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const message = JSON.parse(line) as ArtifactMessage;
      return message.reason === 'compiler-artifact' ? [message] : [];
    } catch {
      // The limit of the output may have removed the start of a line.
      return [];
    }
  });
}

/** Crates for command lines, which reject an option that they do not know, and code that handles the option. */
const optionCrates = ['clap', 'structopt', 'argh', 'bpaf', 'gumdrop'];
const answersVersion = /"--version"|Long\("version"\)|contains\(\s*(?:\[[^\]]*)?"(?:--)?version"/;

async function hasOptions(repository: Repository, manifest: string): Promise<boolean> {
  const content = await repository.toml(manifest);
  if (optionCrates.some((name) => field(field(content, 'dependencies'), name))) return true;
  const folder = manifest.slice(0, -'Cargo.toml'.length);
  for (const file of await repository.files()) {
    if (
      file.startsWith(`${folder}src/`) &&
      file.endsWith('.rs') &&
      answersVersion.test((await repository.text(file)) ?? '')
    )
      return true;
  }
  return false;
}

async function selectPrograms(
  messages: readonly ArtifactMessage[],
  { context, root }: BuildCopy,
): Promise<BuiltProgram[]> {
  const programs: BuiltProgram[] = [];
  for (const { executable, target, manifest_path: path = '', package_id: id = '' } of messages) {
    const manifest = path.slice(root.length + 1);
    if (typeof executable !== 'string' || !(await hasOptions(context.repository, manifest))) continue;
    // Such as `path+file:///a/b#0.1.0` or `path+file:///a/b#name@0.1.0`.
    const version = /[#@](\d[^#@]*)$/.exec(id)?.[1];
    programs.push({
      manifest,
      name: target?.name ?? 'program',
      command: executable,
      args: [],
      ...(version ? { version } : {}),
    });
  }
  return programs;
}

/** Finds programs in the folder `target` of the workspace. */
async function findExisting({ repository }: CheckContext): Promise<BuiltProgram[]> {
  const programs: BuiltProgram[] = [];
  for (const { id, folder, manifest } of await repository.stacks()) {
    const content = id === 'rust' ? field(await repository.toml(manifest), 'package') : undefined;
    const [name, version] = [field(content, 'name'), field(content, 'version')];
    if (typeof version !== 'string' || typeof name !== 'string' || !(await hasOptions(repository, manifest))) continue;
    const command = [folder, '']
      .flatMap((base) => ['release', 'debug'].map((mode) => join(repository.root, base, 'target', mode, name)))
      .find((path) => existsSync(path));
    if (command) programs.push({ manifest, name, command, args: [], version });
  }
  return programs;
}

export const rustEcosystem: Ecosystem = {
  name: 'Rust',
  find: findOutermostCrates,
  build: buildRust,
  existingPrograms: findExisting,
};
