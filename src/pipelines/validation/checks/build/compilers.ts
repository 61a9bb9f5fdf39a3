/** The programs that check types: one row adds one. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism, devNull } from 'node:os';
import { join, posix } from 'node:path';
import type { Finding } from '../../../../protocol/validation.ts';
import type { Context, Ran } from '../../check.ts';
import { field } from '../../repository/manifests.ts';
import type { Repository, Stack, StackId } from '../../repository.ts';
import { faultsIn } from './lines.ts';
import { absent, ask, firstLine, type Job, placed, type Tool, tailOf, type Word } from './tool.ts';
import { projectsOf, shadowOf } from './tsconfig.ts';

const scripts = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;
const snakes = /\.pyi?$/;

const tsc: Tool = {
  id: 'tsc',
  jobs: async ({ repository }) => {
    const projects = await projectsOf(repository);
    return projects.length === 0
      ? []
      : [{ folder: '', inputs: scripts, ask: (context, cache) => askTsc(projects, context, cache) }];
  },
};

async function askTsc(projects: readonly string[], context: Context, cache: string): Promise<Word> {
  const words: Word[] = [];
  const waiting = [...projects];
  const lane = async (): Promise<void> => {
    for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
      const program = await context.repository.tool(
        'tsc',
        posix.dirname(project) === '.' ? '' : posix.dirname(project),
      );
      const missing = `tsc is not installed for ${project}: install the packages.`;
      words.push(
        program
          ? judgedBy(project, projects, await askProject(program, project, context, cache))
          : absent('tsc', missing),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(mostLanes, availableParallelism()) }, lane));
  const unasked = words.find(({ status }) => status === 'absent');
  if (unasked) return unasked;
  // A source that several projects read has its faults in each.
  const findings = new Map(
    words.flatMap((word) => word.findings).map((one) => [`${one.file}\0${one.line}\0${one.message}`, one]),
  );
  const output = words
    .map((word) => word.output)
    .join('\n')
    .trim();
  return {
    tool: 'tsc',
    status: findings.size > 0 ? 'found' : 'clean',
    findings: [...findings.values()].sort(byPlace),
    output,
  };
}

const mostLanes = 4;

const byPlace = (a: Finding, b: Finding): number =>
  a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1;

/** Sources of another project are read along with it, under options that are not theirs: only their own judges them. */
function judgedBy(project: string, projects: readonly string[], word: Word): Word {
  const folders = projects.map((one) => posix.dirname(one));
  const holds = (folder: string, file: string): boolean => folder === '.' || file.startsWith(`${folder}/`);
  const ownerOf = (file: string): string | undefined =>
    folders.filter((folder) => holds(folder, file)).sort((a, b) => b.length - a.length)[0];
  const findings = word.findings.filter(({ file }) => [undefined, posix.dirname(project)].includes(ownerOf(file)));
  return word.status === 'found' && findings.length === 0
    ? { ...word, status: 'clean', findings, output: '' }
    : { ...word, findings };
}

async function askProject(program: string, project: string, context: Context, cache: string): Promise<Word> {
  const shadow = await shadowOf(context.repository, project, cache);
  const ran = await ask(context, program, ['-p', shadow, '--pretty', 'false'], {});
  if (!ran) return absent('tsc', 'tsc cannot be started: node is not on the path.');
  // A project without a single source is no fault.
  if (ran.code === 0 || /\berror TS18003\b/.test(ran.stdout))
    return { tool: 'tsc', status: 'clean', findings: [], output: '' };
  const faults = faultsIn(ran.stdout, { root: context.repository.root, folder: '', message: /^error TS/ }, 'compact');
  const general = [...ran.stdout.matchAll(/^error (TS\d+: .*)$/gm)].map(([, message]) => ({
    file: project,
    message: message as string,
  }));
  return wordOf('tsc', ran, [...faults, ...general]);
}

/** Whether a project of Python is set up for a tool: by a file of its own, or by a table in one of all. */
export async function isSetUp(
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
  return wordOf('mypy', ran, findings);
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
    message,
  }));
  return wordOf('pyright', ran, findings);
});

interface Diagnostic {
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly range?: { readonly start: { readonly line: number } };
}

/** What a tool wrote as JSON; nothing where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Faults that were found; else what the exit code says: a tool that ends badly and names no place could not look. */
export function wordOf(tool: string, ran: Ran, findings: readonly Finding[]): Word {
  if (findings.length > 0) return { tool, status: 'found', findings, output: tailOf(ran) };
  if (ran.code === 0) return { tool, status: 'clean', findings, output: '' };
  return {
    ...absent(
      tool,
      `${tool} could not look, and ended with ${ran.code}: ${firstLine(ran.stderr) || firstLine(ran.stdout)}.`,
    ),
    output: tailOf(ran),
  };
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

/** Modules are not fetched here. */
const unfetchedModules =
  /GOPROXY=off|cannot find module providing|missing go\.sum entry|updates to go\.mod needed|inconsistent vendoring|no required module provides|requires go >=|invalid go version|module requires Go|note: module requires|toolchain not available|"(?:gcc|cc|clang)": executable file not found/;

/** Asks go without the network and without a change of go.mod. */
export async function askGo(context: Context, { folder }: Stack, args: readonly string[]): Promise<Ran | string> {
  const env = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: process.env['GOFLAGS'] ?? '' };
  const ran = await ask(context, 'go', args, { cwd: folder, env });
  if (!ran) return 'go is not installed.';
  if (ran.code !== 0 && unfetchedModules.test(ran.stderr))
    return `go ${args[0]} cannot look: ${firstLine(ran.stderr.replace(/^go: downloading.*$/gm, ''))}.`;
  return ran;
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
