/** Detects which test runner each project of the workspace uses. */
import type { CheckContext } from '../../../check/check.ts';
import type { Repository } from '../../../repository/repository.ts';
import { compiledRunners } from './compiled-runners.ts';
import { deno } from './deno-runner.ts';
import { nodeRunners } from './node-runners.ts';
import { pythonRunners } from './python-runners.ts';
import { findTestProjects, isIn, type TestProject } from './test-projects.ts';
import type { TestRunner } from './test-runner.ts';

/** All supported runners. The most reliable detections come first. */
const testRunners: readonly TestRunner[] = [...nodeRunners, deno, ...pythonRunners, ...compiledRunners];

export interface DetectedRunner {
  readonly runner: TestRunner;
  readonly project: TestProject;
  readonly reason: string;
}

interface DetectedRunners {
  readonly detected: readonly DetectedRunner[];
  /** Projects with tests but without a known runner. */
  readonly undetected: readonly TestProject[];
}

/** Detections by repository: several checks need the same one, and it reads every test file. */
const detections = new WeakMap<Repository, Promise<DetectedRunners>>();

/** Detects a runner for each project with tests: in the project itself, or else in a project around it. */
export async function detectRunners(context: CheckContext): Promise<DetectedRunners> {
  const { repository } = context;
  // The detection that another check has started fails if that check is stopped.
  const shared = await detections.get(repository)?.catch(() => undefined);
  if (shared) return shared;
  const detection = detect(context);
  detections.set(repository, detection);
  return detection;
}

async function detect(context: CheckContext): Promise<DetectedRunners> {
  const detected = new Map<string, DetectedRunner>();
  const undetected: TestProject[] = [];
  for (const project of await findTestProjects(context)) {
    const nearest = await nearestRunner(project, context);
    if (!nearest) undetected.push(project);
    else {
      // Several projects may share the runner of one around them.
      const key = `${nearest.runner.id} ${nearest.project.folder}`;
      const tests = [...(detected.get(key)?.project.tests ?? []), ...nearest.project.tests];
      detected.set(key, { ...nearest, project: { ...nearest.project, tests } });
    }
  }
  return { detected: [...detected.values()], undetected };
}

async function nearestRunner(inner: TestProject, context: CheckContext): Promise<DetectedRunner | undefined> {
  const stacks = await context.repository.stacks();
  const outer = stacks
    .filter(({ id, folder }) => id === inner.stack && folder !== inner.folder && isIn(inner.folder, folder))
    .sort((a, b) => b.folder.length - a.folder.length)
    .map(({ folder, manifest, packageManager }) => ({ ...inner, folder, manifest, packageManager }));
  for (const project of [inner, ...outer]) {
    for (const runner of testRunners) {
      const reason = runner.stack === project.stack && (await runner.reason(project, context));
      if (reason) return { runner, project, reason };
    }
  }
  return undefined;
}
