/** Tools of cargo and go, which run without network access and without changes to the workspace. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import coerce from 'semver/functions/coerce.js';
import lessThan from 'semver/functions/lt.js';
import type { CheckContext, ProgramResult } from '../../../check/check.ts';
import { parseGoMod } from '../../../locks/read-go.ts';
import type { Stack } from '../../../repository/repository.ts';
import { hasLock, linkCrate } from './project/crate-copy.ts';
import { findRustConflict } from './project/tool-version.ts';
import { createReport, firstLine, runTool, selectStacks, type Tool, unavailable } from './tool.ts';
import { parseDiagnostics } from './tool-output.ts';

/** Messages about crates that are not downloaded. All other errors of such a run are unreliable. */
const missingCrates =
  /attempting to make an HTTP request|--offline|no matching package named|failed to (?:download|get|load source|fetch)|can't checkout from/;

/** Folder in which cargo runs, and options by which it treats the lock file. */
interface CargoTarget {
  /** Absolute, or relative to the workspace. */
  readonly cwd: string;
  readonly lockOptions: readonly string[];
}

/** Runs a cargo command. Returns the reason as a string if the command is unavailable. */
async function runCargo(
  context: CheckContext,
  { cwd, lockOptions }: CargoTarget,
  cacheFolder: string,
  command: string,
): Promise<ProgramResult | string> {
  const target = join(cacheFolder, 'cargo');
  await mkdir(target, { recursive: true });
  const options = ['--offline', ...lockOptions, '--quiet', '--message-format', 'short', '--workspace', '--all-targets'];
  const result = await runTool(context, 'cargo', [command, ...options], {
    cwd,
    env: { CARGO_TARGET_DIR: target, RUSTUP_AUTO_INSTALL: '0' },
  });
  if (!result) return 'cargo is not installed.';
  const toolchain = /toolchain '([^']+)' is not installed/.exec(result.stderr)?.[1];
  if (toolchain !== undefined)
    return `The Rust toolchain ${toolchain}, which the project pins, is not installed. Run “rustup toolchain install ${toolchain}”.`;
  if (/no such (?:sub)?command|is not installed|could not find `cargo-/.test(result.stderr))
    return `cargo ${command} is not installed.`;
  if (result.code !== 0 && missingCrates.test(result.stderr))
    return `cargo ${command} cannot run because crates are not downloaded. Run “cargo fetch”.`;
  return result;
}

/** With the lock file of the project, or else in a copy of it, where cargo writes the lock file. */
async function prepareCargo(root: string, folder: string, cacheFolder: string): Promise<CargoTarget> {
  if (hasLock(root, folder)) return { cwd: folder, lockOptions: ['--locked'] };
  return { cwd: await linkCrate(root, folder, cacheFolder), lockOptions: [] };
}

/** Returns the Rust projects that no other one contains, because cargo checks the members of a workspace too. */
export async function findOutermostCrates(context: CheckContext): Promise<Stack[]> {
  const stacks = await selectStacks(context, 'rust');
  const isInside = (inner: string, outer: string): boolean =>
    inner !== outer && (outer === '' || inner.startsWith(`${outer}/`));
  return stacks.filter(({ folder }) => !stacks.some((other) => isInside(folder, other.folder)));
}

/** Files that a report of cargo depends on. */
export const cargoInputs = /\.(?:rs|toml|lock)$/;

interface CargoToolSpec {
  readonly command: string;
  /** Matches the diagnostics to report. */
  readonly message: RegExp;
  /** Returns whether the project uses the command. */
  isUsed?(context: CheckContext): Promise<boolean>;
}

/** Creates a tool that runs a cargo command on each outermost project. */
export function createCargoTool({ command, message, isUsed }: CargoToolSpec): Tool {
  const id = `cargo ${command}`;
  return {
    id,
    jobs: async (context) => {
      const stacks = await findOutermostCrates(context);
      if (stacks.length === 0 || (isUsed && !(await isUsed(context)))) return [];
      return stacks.map(({ folder }) => ({
        folder,
        inputs: cargoInputs,
        run: async (jobContext, cacheFolder) => {
          const conflict = await findRustConflict(jobContext, folder);
          if (conflict) return unavailable(id, conflict);
          const { root } = jobContext.repository;
          const target = await prepareCargo(root, folder, cacheFolder);
          const result = await runCargo(jobContext, target, cacheFolder, command);
          if (typeof result === 'string') return unavailable(id, result);
          return createReport(id, result, parseDiagnostics(result.stderr, { root, folder, message }));
        },
      }));
    },
  };
}

/** Errors that are not errors of the workspace: missing modules, an old Go version, or a missing C compiler. */
const goUnavailable =
  /GOPROXY=off|requires go >=|invalid go version|module requires Go|note: module requires|toolchain not available|"(?:gcc|cc|clang)": executable file not found/;

/** Returns the lines that say why go cannot run, without the heading above them. */
function reasonIn(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => goUnavailable.test(line))
    .join('\n');
}

/** Runs a go command that does not change go.mod. Returns the reason as a string if the command is unavailable. */
async function runGo(
  context: CheckContext,
  { folder }: Stack,
  args: readonly string[],
): Promise<ProgramResult | string> {
  const env = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: process.env['GOFLAGS'] ?? '' };
  const result = await runTool(context, 'go', args, { cwd: folder, env });
  if (!result) return 'go is not installed.';
  if (result.code !== 0 && goUnavailable.test(result.stderr))
    return `go ${args[0]} cannot run: ${firstLine(reasonIn(result.stderr))}.`;
  return result;
}

/** Returns true if the installed Go is older than a module requires. Returns undefined if either version is unknown. */
export async function isGoTooOld(context: CheckContext, { folder, manifest }: Stack): Promise<boolean | undefined> {
  const result = await runTool(context, 'go', ['env', 'GOVERSION'], { cwd: folder, env: { GOTOOLCHAIN: 'local' } });
  const installed = coerce(result?.stdout);
  const required = coerce(parseGoMod((await context.repository.text(manifest)) ?? '').go);
  return installed && required ? lessThan(installed, required) : undefined;
}

/** Files that a report of the `go` command depends on. */
export const goInputs = /\.(?:go|mod|sum|s|c|h)$/;

/** Creates a tool that runs a go command on each module. */
export function createGoTool(command: string, args: readonly string[]): Tool {
  const id = `go ${command}`;
  return {
    id,
    jobs: async (context) =>
      (await selectStacks(context, 'go')).map((stack) => ({
        folder: stack.folder,
        inputs: goInputs,
        run: async (jobContext) => {
          const result = await runGo(jobContext, stack, [command, ...args]);
          if (typeof result === 'string') return unavailable(id, result);
          if (/matched no packages/.test(result.stderr)) return { tool: id, status: 'clean', findings: [], output: '' };
          // go vet prefixes some of its lines.
          const output = result.stderr.replace(/^vet: /gm, '');
          const options = { root: jobContext.repository.root, folder: stack.folder };
          return createReport(id, result, parseDiagnostics(output, options));
        },
      })),
  };
}
