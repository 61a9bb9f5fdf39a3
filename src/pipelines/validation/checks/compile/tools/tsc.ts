/** Runs the TypeScript compiler on each project of the workspace. */
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { CheckContext } from '../../../check/check.ts';
import { folderOf } from '../../../repository/folders.ts';
import { fingerprintCompiledFiles, listToolFiles } from './fingerprint.ts';
import { createReport, minFileAgeMs, runTool, type Tool, type ToolReport, unavailable } from './tool.ts';
import { parseDiagnostics } from './tool-output.ts';
import { findProjects, writeShadowConfig } from './tsconfig-projects.ts';

const scripts = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;
const maxParallelProjects = 4;

export const tsc: Tool = {
  id: 'tsc',
  jobs: async ({ repository }) => {
    const projects = await findProjects(repository);
    return projects.length === 0
      ? []
      : [
          {
            folder: '',
            inputs: scripts,
            run: (context, cacheFolder) => checkProjects(projects, context, cacheFolder),
          },
        ];
  },
};

async function checkProjects(
  projects: readonly string[],
  context: CheckContext,
  cacheFolder: string,
): Promise<ToolReport> {
  const reports: ToolReport[] = [];
  const queue = [...projects];
  const files = await listToolFiles(context);
  const runLane = async (): Promise<void> => {
    for (let project = queue.shift(); project !== undefined; project = queue.shift()) {
      const report = await checkProject(project, { context, cacheFolder, files });
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
  const output = reports
    .map((report) => report.output)
    .join('\n')
    .trim();
  return {
    tool: 'tsc',
    status: findings.size > 0 ? 'findings' : 'clean',
    findings: [...findings.values()].sort(byLocation),
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
  const folders = projects.map((path) => posix.dirname(path));
  const contains = (folder: string, file: string): boolean => folder === '.' || file.startsWith(`${folder}/`);
  const projectFolderOf = (file: string): string | undefined =>
    folders.filter((folder) => contains(folder, file)).sort((a, b) => b.length - a.length)[0];
  const findings = report.findings.filter(({ file }) =>
    [undefined, posix.dirname(project)].includes(projectFolderOf(file)),
  );
  return report.status === 'findings' && findings.length === 0
    ? { ...report, status: 'clean', findings, output: '' }
    : { ...report, findings };
}

interface ProjectContext {
  readonly context: CheckContext;
  readonly cacheFolder: string;
  /** All files that a project may read. */
  readonly files: readonly string[];
}

interface CachedProjectReport {
  readonly fingerprint: string;
  readonly report: ToolReport;
}

/** Reuses the cached report of a project if none of its files has changed. */
async function checkProject(project: string, { context, cacheFolder, files }: ProjectContext): Promise<ToolReport> {
  const { repository, cache } = context;
  const program = await repository.tool('tsc', folderOf(project));
  if (!program) return unavailable('tsc', `tsc is not installed for ${project}. Install the dependencies.`);
  const shadow = await writeShadowConfig(repository, project, cacheFolder);
  const buildInfo = shadow.replace(/\.json$/, '.tsbuildinfo');
  const key = `report:tsc:${project}`;
  const cached = cache.get<CachedProjectReport>(key);
  if (cached && (await fingerprintCompiledFiles(repository.root, files, buildInfo))?.text === cached.fingerprint)
    return cached.report;
  const startMs = Date.now();
  const report = await runCompiler(program, project, shadow, context);
  const fingerprint = await fingerprintCompiledFiles(repository.root, files, buildInfo);
  if (fingerprint && report.status !== 'unavailable' && fingerprint.newestMs < startMs - minFileAgeMs)
    cache.set(key, { fingerprint: fingerprint.text, report } satisfies CachedProjectReport);
  return report;
}

async function runCompiler(
  program: string,
  project: string,
  shadow: string,
  context: CheckContext,
): Promise<ToolReport> {
  const result = await runTool(context, program, ['-p', shadow, '--pretty', 'false'], {});
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
