/** Test runners of JavaScript and TypeScript. */
import compareVersions from 'semver/functions/compare.js';
import { type CheckContext, type CheckOutcome, type ProgramResult, skip } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';
import { findInstalledVersion } from '../../compile/tools/project/tool-version.ts';
import { joinPath, type TestProject } from './test-projects.ts';
import { notInstalled, type TestCollection, type TestCommand, type TestRunner } from './test-runner.ts';

interface NodeRunner {
  readonly id: string;
  /** Name of the program and of its package. */
  readonly name?: string;
  /** Configuration files without their extensions. */
  readonly configs?: readonly string[];
  /** Configuration key in package.json. */
  readonly key?: string;
  /** Matches scripts in package.json that use the runner. */
  readonly scriptPattern?: RegExp;
  /** Matches test files that import the runner. */
  readonly importPattern?: RegExp;
  /** Arguments that load all tests without running them. */
  readonly list?: readonly string[];
  /** First version with the arguments in `list`. Older ones take them for names of files. */
  readonly listSince?: string;
  /** Counts the items in the output of `list`; by default its lines. */
  readonly count?: (result: ProgramResult) => number | undefined;
  readonly noun?: string;
  /** Outside continuous integration, it writes new snapshots into the workspace. */
  readonly writesSnapshots?: true;
  /** Arguments that run all tests. */
  readonly run?: readonly string[];
}

const countLines = ({ stdout }: ProgramResult): number =>
  stdout.split('\n').filter((line) => line.trim() !== '').length;
const numberIn =
  (pattern: RegExp) =>
  ({ stdout }: ProgramResult): number | undefined => {
    const match = pattern.exec(stdout)?.[1];
    return match === undefined ? undefined : Number(match);
  };

const runners: readonly NodeRunner[] = [
  {
    id: 'vitest',
    name: 'vitest',
    configs: ['vitest.config', 'vitest.workspace'],
    scriptPattern: /\bvitest\b/,
    writesSnapshots: true,
    list: ['list'],
    listSince: '2.0.0-beta.1',
    count: countLines,
    run: ['run'],
  },
  {
    id: 'jest',
    name: 'jest',
    configs: ['jest.config'],
    key: 'jest',
    scriptPattern: /\bjest\b|\breact-scripts\s+test\b/,
    writesSnapshots: true,
    list: ['--listTests'],
    count: countLines,
    noun: 'test file',
    run: [],
  },
  {
    id: 'mocha',
    name: 'mocha',
    configs: ['.mocharc', 'test/mocha.opts'],
    key: 'mocha',
    scriptPattern: /\b_?mocha\b(?!-)/,
    list: ['--dry-run', '--reporter', 'dot'],
    count: numberIn(/(\d+) passing/),
    run: ['--reporter', 'dot'],
  },
  { id: 'ava', name: 'ava', configs: ['ava.config'], key: 'ava', scriptPattern: /\bava\b/, run: [] },
  {
    id: 'playwright',
    name: 'playwright',
    configs: ['playwright.config', 'playwright-ct.config'],
    scriptPattern: /\bplaywright\s+test\b/,
    list: ['test', '--list'],
    count: numberIn(/Total: (\d+) tests?/),
    run: ['test'],
  },
  { id: 'jasmine', name: 'jasmine', configs: ['spec/support/jasmine'], scriptPattern: /\bjasmine\b/, run: [] },
  { id: 'tap', name: 'tap', configs: ['.taprc'], scriptPattern: /(?:^|[\s"'/])tap\s/, run: [] },
  { id: 'tape', name: 'tape', scriptPattern: /\btape\b/, importPattern: /['"]tape['"]/ },
  { id: 'qunit', name: 'qunit', scriptPattern: /\bqunit\b/, run: [] },
  { id: 'uvu', name: 'uvu', scriptPattern: /\buvu\b/, run: [] },
  { id: 'karma', name: 'karma', configs: ['karma.conf'], scriptPattern: /\bkarma\b/, run: ['start', '--single-run'] },
  { id: 'cypress', name: 'cypress', configs: ['cypress.config', 'cypress'], scriptPattern: /\bcypress\s+run\b/ },
  {
    id: 'node:test',
    scriptPattern: /\s--test\b/,
    importPattern: /\bfrom\s*['"]node:test['"]|\brequire\(['"]node:test['"]\)/,
  },
  // Must be last: matches any script.
  { id: 'npm test', scriptPattern: /^/ },
];

const extensions = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.jsonc', '.yaml', '.yml'];
/** Maximum number of test files to search for imports. */
const maxFilesToRead = 50;

export const nodeRunners: readonly TestRunner[] = runners.map((runner) => ({
  id: runner.id,
  stack: 'node',
  reason: (project, context) => findReason(runner, project, context),
  ...(runner.list
    ? { collect: (project: TestProject, context: CheckContext) => listCommand(runner, project, context) }
    : {}),
  command: (project, context) => runCommand(runner, project, context),
}));

async function findReason(
  runner: NodeRunner,
  project: TestProject,
  { repository }: CheckContext,
): Promise<string | undefined> {
  const manifest = project.manifest ? await repository.json(project.manifest) : undefined;
  const scripts = testScripts(manifest);
  // The runner in the script `test` takes precedence over any other configuration.
  const inTestScript = runners.slice(0, -1).find(({ scriptPattern }) => scriptPattern?.test(scripts['test'] ?? ''));
  if (inTestScript) return inTestScript === runner ? `script "test" in ${project.manifest}` : undefined;
  const files = await repository.fileSet();
  const config = (runner.configs ?? [])
    .flatMap((stem) => extensions.map((extension) => joinPath(project.folder, stem + extension)))
    .find((name) => files.has(name));
  if (config) return config;
  if (runner.key && field(manifest, runner.key)) return project.manifest;
  const script = Object.entries(scripts).find(([, text]) => runner.scriptPattern?.test(text));
  if (script) return `script "${script[0]}" in ${project.manifest}`;
  const isDependency = ['devDependencies', 'dependencies'].some((key) =>
    field(field(manifest, key), runner.name ?? ''),
  );
  if (isDependency) return project.manifest;
  for (const file of runner.importPattern ? project.tests.slice(0, maxFilesToRead) : []) {
    if (runner.importPattern?.test((await repository.text(file)) ?? '')) return file;
  }
  return undefined;
}

/** Returns the scripts that may run tests, `test` first. Ignores the placeholder that `npm init` writes. */
function testScripts(manifest: unknown): Readonly<Record<string, string>> {
  const scripts = Object.entries(field(manifest, 'scripts') ?? {}).filter(
    (entry): entry is [string, string] =>
      /test|spec|unit|e2e|^cover(?:age)?$/i.test(entry[0]) &&
      typeof entry[1] === 'string' &&
      entry[1].trim() !== '' &&
      !entry[1].includes('no test specified'),
  );
  return Object.fromEntries(scripts.sort(([a], [b]) => Number(b === 'test') - Number(a === 'test')));
}

async function listCommand(
  runner: NodeRunner,
  project: TestProject,
  context: CheckContext,
): Promise<TestCollection | CheckOutcome> {
  const name = runner.name as string;
  const program = await context.repository.tool(name, project.folder);
  if (!program) return notInstalled(name, project);
  const installed = await findInstalledVersion(context.repository, name, project.folder);
  if (runner.listSince !== undefined && installed !== undefined && compareVersions(installed, runner.listSince) < 0)
    return skip('not_applicable', `${name} ${installed} cannot list tests without running them.`);
  const manifest = project.manifest ? await context.repository.json(project.manifest) : undefined;
  const script = Object.values(testScripts(manifest)).find((text) => runner.scriptPattern?.test(text)) ?? '';
  const scriptCommand = parseScriptCommand(script, name);
  return {
    program,
    args: runner.id === 'mocha' ? [...scriptCommand.args, ...(runner.list ?? [])] : (runner.list ?? []),
    env: scriptCommand.env,
    count: runner.count ?? countLines,
    noun: runner.noun ?? 'test',
    missingDependency,
  };
}

/** Finds a missing package in an error message. Paths of files would start with a dot or a slash. */
function missingDependency(output: string): string | undefined {
  const [, missing] = /Cannot find (?:package|module) '([^'./][^':]*)'/.exec(output) ?? [];
  return missing && `The package ${missing} is not installed. Install the dependencies and validate again.`;
}

/** Parses the arguments that a script passes to a program, and the environment variables it sets for it. */
export function parseScriptCommand(script: string, program: string): { args: string[]; env: Record<string, string> } {
  const command =
    script.split(/&&|\|\||[;|]/).find((part) => new RegExp(`(?:^|[\\s/])_?${program}(?:\\s|$)`).test(part)) ?? '';
  const argv = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, unquoted]) => double ?? single ?? unquoted ?? '',
  );
  const programIndex = argv.findIndex((argument) => new RegExp(`(?:^|/)_?${program}$`).test(argument));
  const env = argv.slice(0, Math.max(0, programIndex)).flatMap((argument) => {
    const [, name, value] = /^([A-Z_][A-Z0-9_]*)=(.*)$/.exec(argument) ?? [];
    return name === undefined ? [] : [[name, value as string]];
  });
  return { args: programIndex < 0 ? [] : argv.slice(programIndex + 1), env: Object.fromEntries(env) };
}

/** Variables that keep a runner from watching for changes forever, and from writing new snapshots into the workspace. */
const ciVariables = { CI: 'true' };

/** Returns variables for runners that write or wait unless they run in continuous integration. */
function ciOf({ writesSnapshots }: NodeRunner): Pick<TestCommand, 'env'> {
  return writesSnapshots ? { env: ciVariables } : {};
}

async function runCommand(
  runner: NodeRunner,
  project: TestProject,
  { repository }: CheckContext,
): Promise<TestCommand | CheckOutcome> {
  const manifest = project.manifest ? await repository.json(project.manifest) : undefined;
  if ('test' in testScripts(manifest)) {
    const manager = project.packageManager || 'npm';
    return {
      program: manager,
      args: manager === 'npm' ? ['test'] : ['run', 'test'],
      ...ciOf(runner),
      missingDependency,
    };
  }
  if (runner.id === 'node:test') return { program: 'node', args: ['--test'], missingDependency };
  if (!runner.name || !runner.run) return skip('not_applicable', `No script "test" that runs ${runner.id}.`);
  const program = await repository.tool(runner.name, project.folder);
  return program
    ? { program, args: runner.run, ...ciOf(runner), missingDependency }
    : notInstalled(runner.name, project);
}
