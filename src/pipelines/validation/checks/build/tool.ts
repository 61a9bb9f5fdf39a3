/** What the tools of a workspace say: each tool is a row, and its word is turned into findings. */
import { lstat, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Finding, Remediation } from '../../../../protocol/validation.ts';
import { hashOf } from '../../../detection/hash.ts';
import { type Context, fault, type Outcome, pass, type Ran, type RunOptions, skip } from '../../check.ts';
import { gitArguments } from '../../repository/git.ts';
import { counted, findingsOf } from '../../words.ts';
import { inTurns } from './sources.ts';

/** The word of one tool on one project. */
export interface Word {
  readonly tool: string;
  /** `absent`: it is configured, and could not be asked; `why` says so. */
  readonly status: 'clean' | 'found' | 'absent';
  readonly why?: string;
  readonly findings: readonly Finding[];
  /** Tail of what it printed. */
  readonly output: string;
  /** A command by which a person mends it. */
  readonly fix?: readonly string[];
}

export interface Tool {
  readonly id: string;
  /** Projects that are set up for it; none: nobody asked for it. */
  jobs(context: Context): Promise<readonly Job[]>;
}

export interface Job {
  /** Relative to the workspace. */
  readonly folder: string;
  /** Patterns of files that its word depends on. */
  readonly inputs: RegExp;
  ask(context: Context, cache: string): Promise<Word>;
}

/** Of what a tool prints for programs. */
export const reportBytes = 64 * 1024 * 1024;
const shownCharacters = 8000;

export const absent = (tool: string, why: string): Word => ({ tool, status: 'absent', why, findings: [], output: '' });

/** Runs a tool in a project's folder, without colours. */
export async function ask(
  { run }: Context,
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Ran | undefined> {
  const ran = await run(command, args, {
    maxBytes: reportBytes,
    ...options,
    cwd: options.cwd || '.',
    env: { NO_COLOR: '1', CI: '1', ...options.env },
  });
  // What a shell and `env` say where there is no such program.
  if (!ran || ran.code === 127) return undefined;
  return { ...ran, stdout: stripVTControlCharacters(ran.stdout), stderr: stripVTControlCharacters(ran.stderr) };
}

export const tailOf = ({ stdout, stderr }: Ran): string => `${stdout}\n${stderr}`.trim().slice(-shownCharacters);

/** The first line of what a tool says that tells something. */
export function firstLine(text: string): string {
  const line = text.split('\n').find((one) => /\w{3}/.test(one)) ?? '';
  return line.trim().slice(0, 200);
}

/** A path that a tool printed, as one of the workspace with `/`; as it is where it leads out of it. */
export function placed(root: string, folder: string, path: string): string {
  const inside = relative(root, resolve(root, folder, path));
  return inside.startsWith('..') ? path : inside.split(sep).join('/');
}

interface Kept {
  readonly print: string;
  readonly word: Word;
}

/** The word of each tool on each project; one that was asked about the very same files is not asked again. */
async function wordsOf(tools: readonly Tool[], context: Context): Promise<Word[]> {
  const folder = context.cache ?? (await mkdtemp(join(tmpdir(), 'pipescope-tools-')));
  try {
    await mkdir(folder, { recursive: true });
    const words: Word[] = [];
    for (const tool of tools) {
      for (const job of await tool.jobs(context)) {
        const key = `word:${tool.id}:${job.folder}`;
        const print = await printOf(context, job.inputs);
        const kept = context.memory.get<Kept>(key);
        if (kept?.print === print) {
          words.push(kept.word);
          continue;
        }
        const word = await job.ask(context, folder);
        words.push(word);
        if (word.status !== 'absent') context.memory.set(key, { print, word } satisfies Kept);
      }
    }
    return words;
  } finally {
    if (context.cache === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Say which packages are installed: they change what tools say without a change of the workspace. */
const installed = [
  'node_modules/.package-lock.json',
  'node_modules/.modules.yaml',
  'node_modules/.yarn-state.yml',
  '.venv/pyvenv.cfg',
];
/** Files that configure tools, wherever they stand. */
const settings =
  /(?:^|\/)(?:[^/]*rc|[^/]*rc\.\w+|[^/]*\.config\.\w+|[^/]*\.(?:json|jsonc|toml|ini|cfg|lock|ya?ml)|\.[^/]+ignore|\.editorconfig|go\.(?:mod|sum|work))$/;

/** One text for how all these files look: it changes with any of them. */
async function printOf({ repository, run }: Context, inputs: RegExp): Promise<string> {
  const others = repository.git
    ? await run('git', [...gitArguments, 'ls-files', '-z', '--others', '--exclude-standard'], { maxBytes: reportBytes })
    : undefined;
  const names = [...(await repository.files()), ...(others?.stdout.split('\0') ?? [])].filter(
    (file) => inputs.test(file) || settings.test(file),
  );
  const looks: string[] = [];
  for await (const name of inTurns([...names, ...installed], 50)) {
    const stat = await lstat(join(repository.root, name)).catch(() => undefined);
    looks.push(stat ? `${name}\0${stat.size}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.ino}` : name);
  }
  return hashOf(looks.join('\n'));
}

/** How a check puts it: nobody asked for a tool; all is well; and what is found. */
export interface Verdict {
  readonly none: string;
  clean(tools: string): string;
  found(count: string, tools: string): string;
  readonly noun: readonly [one: string, many: string];
  readonly remediation: Remediation;
}

/** Asks every tool and puts their words together: what one finds is found, whatever the others could not say. */
export async function judged(tools: readonly Tool[], context: Context, verdict: Verdict): Promise<Outcome> {
  const words = await wordsOf(tools, context);
  const evidence = words
    .filter(({ output }) => output !== '')
    .map(({ tool, output }) => ({ kind: 'command_output', content: `${tool}\n${output}` }) as const);
  const names = (status: Word['status']): string =>
    [...new Set(words.filter((word) => word.status === status).map(({ tool }) => tool))].join(', ');
  const missing = words.filter(({ status }) => status === 'absent');
  const reasons = [...new Set(missing.map(({ why }) => why))].join(' ');
  if (words.length === 0) return skip('not_applicable', verdict.none);
  const found = words.filter(({ status }) => status === 'found');
  if (found.length > 0) {
    const findings = found.flatMap((word) => word.findings);
    const fix = found.find((word) => word.fix)?.fix;
    return fault(verdict.found(counted(findings.length, ...verdict.noun), names('found')), {
      findings: findingsOf(findings, (one) => one),
      evidence,
      remediation: [{ ...verdict.remediation, ...(fix ? { command: fix } : {}) }],
    });
  }
  if (words.every(({ status }) => status === 'absent')) return skip('tool_missing', reasons);
  return pass([verdict.clean(names('clean')), reasons].filter((text) => text !== '').join(' '), { evidence });
}
