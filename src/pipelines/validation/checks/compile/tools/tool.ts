/** What the tools of a workspace say: each tool is a row, and its word is turned into findings. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Finding, Remediation } from '../../../../../protocol/validation.ts';
import { type Context, fault, type Outcome, pass, type Ran, type RunOptions, skip } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import { namesOf, printOf } from './fingerprint.ts';

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

const tailOf = ({ stdout, stderr }: Ran): string => `${stdout}\n${stderr}`.trim().slice(-shownCharacters);

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

/** A file as young as that may change once more without looking so. */
export const clockMs = 20;

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
    let names: string[] | undefined;
    for (const tool of tools) {
      for (const job of await tool.jobs(context)) {
        names ??= await namesOf(context);
        const key = `word:${tool.id}:${job.folder}`;
        const startMs = Date.now();
        const print = await printOf(context.repository.root, names, job.inputs);
        const kept = context.memory.get<Kept>(key);
        if (kept?.print === print.text) {
          words.push(kept.word);
          continue;
        }
        const word = await job.ask(context, folder);
        words.push(word);
        if (word.status !== 'absent' && print.changedMs < startMs - clockMs)
          context.memory.set(key, { print: print.text, word } satisfies Kept);
      }
    }
    return words;
  } finally {
    if (context.cache === undefined) await rm(folder, { recursive: true, force: true });
  }
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
