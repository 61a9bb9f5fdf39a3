/** The programs that check types: one row adds one. */
import { mkdir } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join, posix } from 'node:path';
import coerce from 'semver/functions/coerce.js';
import lessThan from 'semver/functions/lt.js';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Context, Ran } from '../../../check/check.ts';
import { goModIn } from '../../../locks/read-go.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack, StackId } from '../../../repository/repository.ts';
import { parsed } from '../lockfile/parse-json.ts';
import { absent, ask, firstLine, type Job, placed, type Tool, type Word, wordOf } from './tool.ts';
import { faultsIn } from './tool-output.ts';
import { tsc } from './tsc.ts';

const snakes = /\.pyi?$/;

/** Whether a project of Python is set up for a tool: by a file of its own, or by a table in one of all. */
async function isSetUp(
  repository: Repository,
  { folder }: Stack,
  tool: string,
  files: readonly string[],
): Promise<boolean> {
  const known = new Set(await repository.files());
  if (files.some((file) => known.has(posix.join(folder, file)))) return true;
  if (field(field(await repository.toml(posix.join(folder, 'pyproject.toml')), 'tool'), tool) !== undefined)
    return true;
  return new RegExp(`^\\[${tool}\\]`, 'm').test((await repository.text(posix.join(folder, 'setup.cfg'))) ?? '');
}

export async function stacksOf({ repository }: Context, id: StackId): Promise<Stack[]> {
  return (await repository.stacks()).filter((stack) => stack.id === id);
}

/** A row for a tool of Python that is set up in a project. */
export function pythonTool(
  id: string,
  files: readonly string[],
  look: (context: Context, stack: Stack, cache: string, program: string) => Promise<Word>,
  name = id,
): Tool {
  return {
    id,
    jobs: async (context) => {
      const jobs: Job[] = [];
      for (const stack of await stacksOf(context, 'python')) {
        if (!(await isSetUp(context.repository, stack, name, files))) continue;
        const program = (await context.repository.tool(name, stack.folder)) ?? name;
        jobs.push({ folder: stack.folder, inputs: snakes, ask: (given, cache) => look(given, stack, cache, program) });
      }
      return jobs;
    },
  };
}

const mypy = pythonTool('mypy', ['mypy.ini', '.mypy.ini'], async (context, { folder }, cache, program) => {
  const { repository } = context;
  const configuration = [
    await repository.text(posix.join(folder, 'mypy.ini')),
    await repository.text(posix.join(folder, '.mypy.ini')),
    await repository.text(posix.join(folder, 'setup.cfg')),
    await repository.text(posix.join(folder, 'pyproject.toml')),
  ].join('\n');
  // Without a word on what is checked, all is.
  const what = /^\s*(?:files|packages|modules)\s*=/m.test(configuration) ? [] : ['.'];
  const args = [
    '--no-color-output',
    '--no-pretty',
    '--show-column-numbers',
    '--cache-dir',
    join(cache, 'mypy'),
    ...what,
  ];
  const ran = await ask(context, program, args, { cwd: folder });
  if (!ran) return absent('mypy', 'mypy is set up and not installed.');
  const findings = faultsIn(ran.stdout, { root: repository.root, folder, message: /^error:/ });
  return blind('mypy', findings) ?? wordOf('mypy', ran, findings);
});

const pyright = pythonTool('pyright', ['pyrightconfig.json'], async (context, { folder }, _cache, program) => {
  const { root } = context.repository;
  const ran = await ask(context, program, ['--outputjson'], { cwd: folder });
  if (!ran) return absent('pyright', 'pyright is set up and not installed.');
  const report = parsed(ran.stdout) as { generalDiagnostics?: readonly Diagnostic[] } | undefined;
  const faults = report?.generalDiagnostics?.filter(({ severity }) => severity === 'error') ?? [];
  const findings = faults.map(({ file, message, range }) => ({
    file: placed(root, folder, file),
    line: (range?.start.line ?? 0) + 1,
    message: message.replace(/\s*\n\s*/g, ' '),
  }));
  return blind('pyright', findings) ?? wordOf('pyright', ran, findings);
});

/** Where an imported package is not installed, nothing that is made of its types can be judged. */
function blind(tool: string, findings: readonly Finding[]): Word | undefined {
  const missing = findings.find(({ message }) =>
    /\[import-not-found\]|Cannot find implementation or library stub|^Import "[^"]+" could not be resolved/.test(
      message,
    ),
  );
  if (!missing) return undefined;
  const what = /named "([^"]+)"|Import "([^"]+)"/.exec(missing.message);
  return absent(
    tool,
    `${tool} cannot judge: ${what?.[1] ?? what?.[2] ?? 'a package'}, which ${missing.file} imports, is not installed where ${tool} looks.`,
  );
}

interface Diagnostic {
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly range?: { readonly start: { readonly line: number } };
}

/** Crates are not fetched here: what is missing makes every answer wrong. */
const unfetched =
  /attempting to make an HTTP request|--offline|no matching package named|failed to (?:download|get|load source|fetch)|can't checkout from/;

/** Asks cargo without the network, without a change of the lock, and with its output outside of the workspace. */
export async function askCargo(
  context: Context,
  { folder }: Stack,
  cache: string,
  [tool, ...args]: readonly string[],
): Promise<Ran | string> {
  const target = join(cache, 'cargo');
  await mkdir(target, { recursive: true });
  const ran = await ask(
    context,
    'cargo',
    [tool as string, '--offline', '--locked', '--quiet', '--message-format', 'short', ...args],
    {
      cwd: folder,
      env: { CARGO_TARGET_DIR: target, RUSTUP_AUTO_INSTALL: '0' },
    },
  );
  if (!ran) return 'cargo is not installed.';
  if (/no such (?:sub)?command|is not installed for the toolchain|could not find `cargo-/.test(ran.stderr))
    return `cargo ${tool} is not installed.`;
  if (ran.code !== 0 && unfetched.test(ran.stderr))
    return `The crates are not fetched, so cargo ${tool} cannot look: run “cargo fetch”.`;
  return ran;
}

/** The outermost manifests with a lock: cargo looks at their members by itself, and would write a lock that is missing. */
export async function cratesOf(context: Context): Promise<Stack[]> {
  const stacks = await stacksOf(context, 'rust');
  const files = new Set(await context.repository.files());
  return stacks.filter(({ folder }) => files.has(posix.join(folder, 'Cargo.lock')));
}

export const cargoInputs = /\.(?:rs|toml|lock)$/;

const cargo: Tool = {
  id: 'cargo check',
  jobs: async (context) =>
    (await cratesOf(context)).map((stack) => ({
      folder: stack.folder,
      inputs: cargoInputs,
      ask: async (given, cache) => {
        const ran = await askCargo(given, stack, cache, ['check', '--workspace', '--all-targets']);
        if (typeof ran === 'string') return absent('cargo check', ran);
        const told = { root: given.repository.root, folder: stack.folder, message: /^error\b/ };
        return wordOf('cargo check', ran, faultsIn(ran.stderr, told));
      },
    })),
};

/** Modules are not fetched here, or the Go that is here is too old: no fault of the workspace. */
const unfetchedModules =
  /GOPROXY=off|requires go >=|invalid go version|module requires Go|note: module requires|toolchain not available|"(?:gcc|cc|clang)": executable file not found/;

/** Asks go without the network and without a change of go.mod. */
export async function askGo(context: Context, { folder }: Stack, args: readonly string[]): Promise<Ran | string> {
  const env = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: process.env['GOFLAGS'] ?? '' };
  const ran = await ask(context, 'go', args, { cwd: folder, env });
  if (!ran) return 'go is not installed.';
  if (ran.code !== 0 && unfetchedModules.test(ran.stderr))
    return `go ${args[0]} cannot look: ${firstLine(ran.stderr.replace(/^go: downloading.*$/gm, ''))}.`;
  return ran;
}

/** Whether the Go that is here is older than the one that a module asks for; nothing where there is none. */
export async function isGoTooOld(context: Context, { folder, manifest }: Stack): Promise<boolean | undefined> {
  const ran = await ask(context, 'go', ['env', 'GOVERSION'], { cwd: folder, env: { GOTOOLCHAIN: 'local' } });
  const here = coerce(ran?.stdout);
  const wanted = coerce(goModIn((await context.repository.text(manifest)) ?? '').go);
  return here && wanted ? lessThan(here, wanted) : undefined;
}

export const goInputs = /\.(?:go|mod|sum|s|c|h)$/;

const go: Tool = {
  id: 'go build',
  jobs: async (context) =>
    (await stacksOf(context, 'go')).map((stack) => ({
      folder: stack.folder,
      inputs: goInputs,
      ask: async (given) => {
        const ran = await askGo(given, stack, ['build', '-o', devNull, './...']);
        if (typeof ran === 'string') return absent('go build', ran);
        if (/matched no packages/.test(ran.stderr))
          return { tool: 'go build', status: 'clean', findings: [], output: '' };
        return wordOf('go build', ran, faultsIn(ran.stderr, { root: given.repository.root, folder: stack.folder }));
      },
    })),
};

export const compilers: readonly Tool[] = [tsc, mypy, pyright, cargo, go];
