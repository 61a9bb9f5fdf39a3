/** Builds the projects of all ecosystems in one copy of the workspace, so that the workspace stays as it is. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { CheckContext, ProgramResult } from '../../../check/check.ts';
import type { Repository } from '../../../repository/repository.ts';
import { ecosystems } from '../ecosystems/ecosystems.ts';
import { type ArtifactContent, readArtifact } from './artifact-content.ts';
import { askVersions, type VersionAnswer } from './ask-versions.ts';
import { copyWorkspace } from './copy-workspace.ts';
import type { BuildCopy, BuildProject, BuildSkip, Ecosystem } from './ecosystem.ts';
import { offlineEnvironment } from './offline-environment.ts';

/** Results of all builds, or why there is none. */
export type BuildResult =
  | {
      readonly kind: 'built';
      /** Names of the ecosystems whose builds succeeded. */
      readonly builds: readonly string[];
      /** Created files by their paths in the copy. */
      readonly files: ReadonlyMap<string, ArtifactContent>;
      /** Sentences of builds that create no files. */
      readonly summaries: readonly string[];
      /** Reasons of projects that were not built, each a sentence. */
      readonly skipped: readonly string[];
      readonly answers: readonly VersionAnswer[];
    }
  | { readonly kind: 'failed'; readonly command: string; readonly manifest: string; readonly result: ProgramResult }
  | BuildSkip;

/** First results by repository, so that the checks of a build, its programs and its repetition need two builds together. */
const firstBuilds = new WeakMap<Repository, BuildResult>();

/** Returns the result of the first build. */
export async function buildOnce(context: CheckContext): Promise<BuildResult> {
  const earlier = firstBuilds.get(context.repository);
  if (earlier) return earlier;
  const result = await buildWorkspace(context, false);
  firstBuilds.set(context.repository, result);
  return result;
}

/** Returns the result of the first build, or undefined if there was none. */
export const findFirstBuild = ({ repository }: CheckContext): BuildResult | undefined => firstBuilds.get(repository);

interface Job {
  readonly ecosystem: Ecosystem;
  readonly project: BuildProject;
}

async function findJobs(context: CheckContext): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const ecosystem of ecosystems) {
    for (const project of await ecosystem.find(context)) jobs.push({ ecosystem, project });
  }
  return jobs;
}

/** Copies the workspace to a new folder and builds it there. */
export async function buildWorkspace(context: CheckContext, isRepetition: boolean): Promise<BuildResult> {
  const jobs = await findJobs(context);
  if (jobs.length === 0) return { kind: 'not_applicable', reason: 'No project has a build.' };
  // Go and Cargo report real paths.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pipescope-build-')));
  try {
    const [root, output] = [join(folder, 'workspace'), join(folder, 'output')];
    await Promise.all([mkdir(root), mkdir(output)]);
    const needsPackages = jobs.some(({ ecosystem }) => ecosystem.needsPackages);
    const refusal = await copyWorkspace(context, root, needsPackages);
    if (refusal !== undefined) return { kind: 'not_applicable', reason: `The build is not tried: ${refusal}` };
    return await runJobs(jobs, { context, root, output, isRepetition, run: offlineRun(context, root) }, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const offlineRun =
  ({ run }: CheckContext, root: string): BuildCopy['run'] =>
  (command, args, options) =>
    run(command, args, { cwd: root, ...options, env: { ...offlineEnvironment, ...options?.env } });

async function runJobs(jobs: readonly Job[], copy: BuildCopy, folder: string): Promise<BuildResult> {
  const builds: string[] = [];
  const files = new Map<string, ArtifactContent>();
  const summaries: string[] = [];
  const skips: BuildSkip[] = [];
  const answers: VersionAnswer[] = [];
  for (const { ecosystem, project } of jobs) {
    const build = await ecosystem.build(project, copy);
    if (build.kind === 'failed') return { ...build, manifest: project.manifest };
    if (build.kind !== 'built') {
      skips.push({ ...build, reason: jobs.length > 1 ? `${ecosystem.name}: ${build.reason}` : build.reason });
      continue;
    }
    builds.push(ecosystem.name);
    if (build.summary !== undefined) summaries.push(build.summary);
    for (const file of build.artifacts) files.set(nameIn(folder, file), await readArtifact(file));
    // A repetition answers no other question than whether the files are the same.
    if (!copy.isRepetition) answers.push(...(await askVersions(copy.context, build.programs)));
  }
  const skipped = [...new Set(skips.map(({ reason }) => reason))];
  if (builds.length > 0) return { kind: 'built', builds, files, summaries, skipped, answers };
  const kind = skips.some((skip) => skip.kind === 'tool_missing') ? 'tool_missing' : 'not_applicable';
  return { kind, reason: skipped.join(' ') };
}

/** Returns a path without the folder of the copy, or that of the output. */
function nameIn(folder: string, file: string): string {
  return relative(folder, file).split(sep).slice(1).join('/');
}
