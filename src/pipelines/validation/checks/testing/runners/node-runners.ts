/** Runners of JavaScript and TypeScript. */
import { type Context, type Outcome, type Ran, skip } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';
import { inFolder, type Project } from './test-projects.ts';
import { type Collection, type Command, notInstalled, type Runner } from './test-runner.ts';

interface Row {
  readonly id: string;
  /** Program, and package that brings it. */
  readonly name?: string;
  /** Configuration files, without their extension. */
  readonly configs?: readonly string[];
  /** Of package.json. */
  readonly key?: string;
  /** In a script of package.json. */
  readonly word?: RegExp;
  /** In a test's text. */
  readonly imports?: RegExp;
  /** Arguments that load all tests and run none, and what the output says then. */
  readonly list?: readonly string[];
  readonly count?: (ran: Ran) => number | undefined;
  readonly noun?: string;
  /** Arguments that run all. */
  readonly run?: readonly string[];
}

const linesOf = ({ stdout }: Ran): number => stdout.split('\n').filter((line) => line.trim() !== '').length;
const numberIn =
  (pattern: RegExp) =>
  ({ stdout }: Ran): number | undefined => {
    const found = pattern.exec(stdout)?.[1];
    return found === undefined ? undefined : Number(found);
  };

const rows: readonly Row[] = [
  {
    id: 'vitest',
    name: 'vitest',
    configs: ['vitest.config', 'vitest.workspace'],
    word: /\bvitest\b/,
    list: ['list'],
    count: linesOf,
    run: ['run'],
  },
  {
    id: 'jest',
    name: 'jest',
    configs: ['jest.config'],
    key: 'jest',
    word: /\bjest\b/,
    list: ['--listTests'],
    count: linesOf,
    noun: 'test file',
    run: [],
  },
  {
    id: 'mocha',
    name: 'mocha',
    configs: ['.mocharc', 'test/mocha.opts'],
    key: 'mocha',
    word: /\b_?mocha\b(?!-)/,
    list: ['--dry-run', '--reporter', 'dot'],
    count: numberIn(/(\d+) passing/),
    run: ['--reporter', 'dot'],
  },
  { id: 'ava', name: 'ava', configs: ['ava.config'], key: 'ava', word: /\bava\b/, run: [] },
  {
    id: 'playwright',
    name: 'playwright',
    configs: ['playwright.config', 'playwright-ct.config'],
    word: /\bplaywright\s+test\b/,
    list: ['test', '--list'],
    count: numberIn(/Total: (\d+) tests?/),
    run: ['test'],
  },
  { id: 'jasmine', name: 'jasmine', configs: ['spec/support/jasmine'], word: /\bjasmine\b/, run: [] },
  { id: 'tap', name: 'tap', configs: ['.taprc'], word: /(?:^|[\s"'/])tap\s/, run: [] },
  { id: 'tape', name: 'tape', word: /\btape\b/, imports: /['"]tape['"]/ },
  { id: 'qunit', name: 'qunit', word: /\bqunit\b/, run: [] },
  { id: 'uvu', name: 'uvu', word: /\buvu\b/, run: [] },
  { id: 'karma', name: 'karma', configs: ['karma.conf'], word: /\bkarma\b/, run: ['start', '--single-run'] },
  { id: 'cypress', name: 'cypress', configs: ['cypress.config', 'cypress'], word: /\bcypress\s+run\b/ },
  { id: 'node:test', word: /\s--test\b/, imports: /\bfrom\s*['"]node:test['"]|\brequire\(['"]node:test['"]\)/ },
  // Last: whatever the script starts is the project's own.
  { id: 'npm test', word: /^/ },
];

const extensions = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.jsonc', '.yaml', '.yml'];
const mostRead = 50;

export const nodeRunners: readonly Runner[] = rows.map((row) => ({
  id: row.id,
  stack: 'node',
  reason: (project, context) => reasonOf(row, project, context),
  ...(row.list ? { collect: (project: Project, context: Context) => collect(row, project, context) } : {}),
  command: (project, context) => commandOf(row, project, context),
}));

async function reasonOf(row: Row, project: Project, { repository }: Context): Promise<string | undefined> {
  const manifest = project.manifest ? await repository.json(project.manifest) : undefined;
  const scripts = scriptsOf(manifest);
  // What the script `test` names runs the tests, whatever else is configured.
  const named = rows.slice(0, -1).find(({ word }) => word?.test(scripts['test'] ?? ''));
  if (named) return named === row ? `script “test” of ${project.manifest}` : undefined;
  const files = new Set(await repository.files());
  const config = (row.configs ?? [])
    .flatMap((stem) => extensions.map((extension) => inFolder(project.folder, stem + extension)))
    .find((name) => files.has(name));
  if (config) return config;
  if (row.key && field(manifest, row.key)) return project.manifest;
  const script = Object.entries(scripts).find(([, text]) => row.word?.test(text));
  if (script) return `script “${script[0]}” of ${project.manifest}`;
  const depends = ['devDependencies', 'dependencies'].some((key) => field(field(manifest, key), row.name ?? ''));
  if (depends) return project.manifest;
  for (const file of row.imports ? project.tests.slice(0, mostRead) : []) {
    if (row.imports?.test((await repository.text(file)) ?? '')) return file;
  }
  return undefined;
}

/** Scripts that run tests, `test` first; not the one that npm writes where there is none. */
function scriptsOf(manifest: unknown): Readonly<Record<string, string>> {
  const scripts = Object.entries(field(manifest, 'scripts') ?? {}).filter(
    (entry): entry is [string, string] =>
      /test|spec|unit|e2e|^cover(?:age)?$/i.test(entry[0]) &&
      typeof entry[1] === 'string' &&
      entry[1].trim() !== '' &&
      !entry[1].includes('no test specified'),
  );
  return Object.fromEntries(scripts.sort(([a], [b]) => Number(b === 'test') - Number(a === 'test')));
}

async function collect(row: Row, project: Project, context: Context): Promise<Collection | Outcome> {
  const name = row.name as string;
  const program = await context.repository.tool(name, project.folder);
  if (!program) return notInstalled(name, project);
  const manifest = project.manifest ? await context.repository.json(project.manifest) : undefined;
  const script = Object.values(scriptsOf(manifest)).find((text) => row.word?.test(text)) ?? '';
  const given = wordsAfter(script, name);
  return {
    program,
    args: row.id === 'mocha' ? [...given.args, ...(row.list ?? [])] : (row.list ?? []),
    env: given.env,
    count: row.count ?? linesOf,
    noun: row.noun ?? 'test',
    absent,
  };
}

/** A package that the tests import; a file of the workspace would begin with a dot or a slash. */
function absent(output: string): string | undefined {
  const [, missing] = /Cannot find (?:package|module) '([^'./][^':]*)'/.exec(output) ?? [];
  return missing && `The package ${missing} is not installed: install the dependencies to have the tests looked at.`;
}

/** What a script hands to a program: its arguments, up to the next command, and the variables before it. */
export function wordsAfter(script: string, program: string): { args: string[]; env: Record<string, string> } {
  const part =
    script.split(/&&|\|\||[;|]/).find((one) => new RegExp(`(?:^|[\\s/])_?${program}(?:\\s|$)`).test(one)) ?? '';
  const words = [...part.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
  const at = words.findIndex((word) => new RegExp(`(?:^|/)_?${program}$`).test(word));
  const env = words.slice(0, Math.max(0, at)).flatMap((word) => {
    const [, name, value] = /^([A-Z_][A-Z0-9_]*)=(.*)$/.exec(word) ?? [];
    return name === undefined ? [] : [[name, value as string]];
  });
  return { args: at < 0 ? [] : words.slice(at + 1), env: Object.fromEntries(env) };
}

async function commandOf(row: Row, project: Project, { repository }: Context): Promise<Command | Outcome> {
  const manifest = project.manifest ? await repository.json(project.manifest) : undefined;
  if ('test' in scriptsOf(manifest)) {
    const manager = project.packageManager || 'npm';
    return { program: manager, args: manager === 'npm' ? ['--silent', 'test'] : ['run', 'test'], absent };
  }
  if (row.id === 'node:test') return { program: 'node', args: ['--test'], absent };
  if (!row.name || !row.run) return skip('not_applicable', `There is no script “test” that runs ${row.id}.`);
  const program = await repository.tool(row.name, project.folder);
  return program ? { program, args: row.run, absent } : notInstalled(row.name, project);
}
