/** Runs the TypeScript compiler on each project of the workspace. */
import { availableParallelism } from 'node:os';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import type { CheckContext } from '../../../check/check.ts';
import { folderOf } from '../../../repository/folders.ts';
import type { Repository } from '../../../repository/repository.ts';
import { fingerprintCompiledFiles } from './fingerprint.ts';
import { type CompilerRun, prepareCompilerRun } from './project/compiler-config.ts';
import { findNodeConflict } from './project/tool-version.ts';
import { readTypecheckScripts } from './project/typecheck-script.ts';
import { separateUnbuilt } from './project/unbuilt-packages.ts';
import {
  createReport,
  minFileAgeMs,
  runTool,
  type Tool,
  type ToolReport,
  toWorkspacePath,
  unavailable,
} from './tool.ts';
import { parseDiagnostics } from './tool-output.ts';
import { findProjects } from './tsconfig-projects.ts';

const scripts = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;
const maxParallelProjects = 4;

export const tsc: Tool = {
  id: 'tsc',
  jobs: async ({ repository }) => {
    const script = await readTypecheckScripts(repository);
    if (script?.kind === 'unsupported') {
      const reason = `The project checks its types with ${script.program} (${script.script}), which is not supported.`;
      return [{ unavailable: unavailable('tsc', reason) }];
    }
    const projects = await findProjects(repository, script);
    if (projects.length === 0) return [];
    const compiler = script?.program ?? 'tsc';
    const conflict = await findConflict(repository, projects, compiler);
    if (conflict !== undefined) return [{ unavailable: unavailable(compiler, conflict) }];
    return [
      {
        folder: '',
        inputs: scripts,
        run: (context, cacheFolder) => checkProjects(projects, compiler, context, cacheFolder),
      },
    ];
  },
};

/** Returns why the compiler of a project must not be run: it is not installed, or not in the required version. */
async function findConflict(
  repository: Repository,
  projects: readonly string[],
  compiler: string,
): Promise<string | undefined> {
  for (const project of projects) {
    const folder = folderOf(project);
    if (!(await repository.tool(compiler, folder)))
      return `${compiler} is not installed for ${project}. Install the dependencies.`;
    const conflict = await findNodeConflict(repository, 'typescript', folder);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}

async function checkProjects(
  projects: readonly string[],
  compiler: string,
  context: CheckContext,
  cacheFolder: string,
): Promise<ToolReport> {
  const reports: ToolReport[] = [];
  const queue = [...projects];
  const files = await context.repository.files();
  const runLane = async (): Promise<void> => {
    for (let project = queue.shift(); project !== undefined; project = queue.shift()) {
      const report = await checkProject(project, { context, compiler, cacheFolder, files });
      reports.push(withoutForeignFindings(project, projects, report));
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxParallelProjects, availableParallelism()) }, runLane));
  const missing = reports.find(({ status }) => status === 'unavailable');
  if (missing) return missing;
  // A source file that belongs to several projects has the same errors in each of them.
  const findings = new Map(
    reports
      .flatMap((report) => report.findings)
      .map((finding) => [`${finding.file}\0${finding.line}\0${finding.message}`, finding]),
  );
  const { errors, unbuilt } = await separateUnbuilt(context.repository, [...findings.values()]);
  if (errors.length === 0 && unbuilt.length > 0)
    return unavailable(compiler, `${unbuilt.join(', ')} must be built before the types can be checked.`);
  const output = reports
    .map((report) => report.output)
    .join('\n')
    .trim();
  return {
    tool: 'tsc',
    status: errors.length > 0 ? 'findings' : 'clean',
    findings: [...errors].sort(byLocation),
    output,
  };
}

const byLocation = (a: Finding, b: Finding): number =>
  a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1;

/**
 * Drops findings in source files of other projects. The compiler reads those files too, but with options that do not
 * apply to them. Each file is checked in its own project instead.
 */
function withoutForeignFindings(project: string, projects: readonly string[], report: ToolReport): ToolReport {
  const folders = projects.map(folderOf);
  const contains = (folder: string, file: string): boolean => folder === '' || file.startsWith(`${folder}/`);
  const projectFolderOf = (file: string): string | undefined =>
    folders.filter((folder) => contains(folder, file)).sort((a, b) => b.length - a.length)[0];
  const findings = report.findings.filter(({ file }) => [undefined, folderOf(project)].includes(projectFolderOf(file)));
  return report.status === 'findings' && findings.length === 0
    ? { ...report, status: 'clean', findings, output: '' }
    : { ...report, findings };
}

interface ProjectContext {
  readonly context: CheckContext;
  /** Name of the program, such as `tsc`. */
  readonly compiler: string;
  readonly cacheFolder: string;
  /** All files that a project may read. */
  readonly files: readonly string[];
}

interface CachedProjectReport {
  readonly fingerprint: string;
  readonly report: ToolReport;
}

/** Reuses the cached report of a project if none of its files has changed. */
async function checkProject(
  project: string,
  { context, compiler, cacheFolder, files }: ProjectContext,
): Promise<ToolReport> {
  const { repository, cache } = context;
  const program = await repository.tool(compiler, folderOf(project));
  if (!program) return unavailable(compiler, `${compiler} was removed meanwhile.`);
  const run = await prepareCompilerRun(repository, project, cacheFolder);
  const key = `report:tsc:${project}`;
  const cached = cache.get<CachedProjectReport>(key);
  if (cached && (await fingerprintCompiledFiles(repository.root, files, run.buildInfo))?.text === cached.fingerprint)
    return cached.report;
  const startMs = Date.now();
  const report = await runCompiler(program, project, run, context);
  const fingerprint = await fingerprintCompiledFiles(repository.root, files, run.buildInfo);
  if (fingerprint && report.status !== 'unavailable' && fingerprint.newestMs < startMs - minFileAgeMs)
    cache.set(key, { fingerprint: fingerprint.text, report } satisfies CachedProjectReport);
  return report;
}

async function runCompiler(
  program: string,
  project: string,
  { args }: CompilerRun,
  context: CheckContext,
): Promise<ToolReport> {
  const compile = () => runTool(context, program, [...args, '--pretty', 'false'], {});
  const first = await compile();
  // Other programs create files for a moment, such as the bundled configuration of Vite.
  const vanished = /\berror TS6053: File '([^']+)' not found/.exec(first?.stdout ?? '')?.[1];
  const isTemporary = vanished !== undefined && !(await isInWorkspace(context.repository, vanished));
  const result = isTemporary ? await compile() : first;
  if (!result) return unavailable('tsc', 'tsc could not start because node is not on the PATH.');
  // TS18003: the project has no source files, which is not an error here.
  if (result.code === 0 || /\berror TS18003\b/.test(result.stdout))
    return { tool: 'tsc', status: 'clean', findings: [], output: '' };
  const options = { root: context.repository.root, folder: '', message: /^error TS/ };
  const fileFindings = parseDiagnostics(result.stdout, options, 'tsc');
  const projectFindings = [...result.stdout.matchAll(/^error (TS\d+: .*)$/gm)].map(([, message]) => ({
    file: project,
    message: message as string,
  }));
  return createReport('tsc', result, [...fileFindings, ...projectFindings]);
}

async function isInWorkspace(repository: Repository, path: string): Promise<boolean> {
  return (await repository.fileSet()).has(toWorkspacePath(repository.root, '', path));
}
