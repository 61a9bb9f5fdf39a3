/** TypeScript's compiler, asked about each project by itself. */
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Context } from '../../../check/check.ts';
import { folderOf } from '../../../repository/folders.ts';
import { compiledPrint, namesOf } from './fingerprint.ts';
import { absent, ask, clockMs, type Tool, type Word, wordOf } from './tool.ts';
import { faultsIn } from './tool-output.ts';
import { projectsOf, shadowOf } from './tsconfig-projects.ts';

const scripts = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;

export const tsc: Tool = {
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
  const names = await namesOf(context);
  const lane = async (): Promise<void> => {
    for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
      words.push(judgedBy(project, projects, await wordOn(project, { context, cache, names })));
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

interface Asking {
  readonly context: Context;
  readonly cache: string;
  /** All files that a project may read. */
  readonly names: readonly string[];
}

interface Kept {
  readonly print: string;
  readonly word: Word;
}

/** A project none of whose files has changed is not asked about again. */
async function wordOn(project: string, { context, cache, names }: Asking): Promise<Word> {
  const { repository, memory } = context;
  const program = await repository.tool('tsc', folderOf(project));
  if (!program) return absent('tsc', `tsc is not installed for ${project}: install the packages.`);
  const shadow = await shadowOf(repository, project, cache);
  const info = shadow.replace(/\.json$/, '.tsbuildinfo');
  const key = `tsc:${project}`;
  const kept = memory.get<Kept>(key);
  if (kept && (await compiledPrint(repository.root, names, info))?.text === kept.print) return kept.word;
  const startMs = Date.now();
  const word = await askProject(program, project, shadow, context);
  const print = await compiledPrint(repository.root, names, info);
  if (print && word.status !== 'absent' && print.changedMs < startMs - clockMs) {
    memory.set(key, { print: print.text, word } satisfies Kept);
  }
  return word;
}

async function askProject(program: string, project: string, shadow: string, context: Context): Promise<Word> {
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
