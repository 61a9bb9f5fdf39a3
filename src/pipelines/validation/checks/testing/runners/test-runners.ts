/** Everything that runs tests, the more certain first; and which of them a workspace uses. */
import type { Context } from '../../../check/check.ts';
import { compiledRunners } from './compiled-runners.ts';
import { nodeRunners } from './node-runners.ts';
import { pythonRunners } from './python-runners.ts';
import { isIn, type Project, projectsOf } from './test-projects.ts';
import type { Runner } from './test-runner.ts';

export const runners: readonly Runner[] = [...nodeRunners, ...pythonRunners, ...compiledRunners];

export interface Used {
  readonly runner: Runner;
  readonly project: Project;
  readonly reason: string;
}

export interface Usage {
  readonly used: readonly Used[];
  /** Projects with tests that nothing is known to run. */
  readonly without: readonly Project[];
}

/** For each project with tests the runner that is most certain: its own, or else that of a project around it. */
export async function usageOf(context: Context): Promise<Usage> {
  const used = new Map<string, Used>();
  const without: Project[] = [];
  for (const project of await projectsOf(context)) {
    const found = await nearestRunner(project, context);
    if (!found) without.push(project);
    else {
      const key = `${found.runner.id} ${found.project.folder}`;
      const tests = [...(used.get(key)?.project.tests ?? []), ...found.project.tests];
      used.set(key, { ...found, project: { ...found.project, tests } });
    }
  }
  return { used: [...used.values()], without };
}

async function nearestRunner(inner: Project, context: Context): Promise<Used | undefined> {
  const stacks = await context.repository.stacks();
  const around = stacks
    .filter(({ id, folder }) => id === inner.stack && folder !== inner.folder && isIn(inner.folder, folder))
    .sort((a, b) => b.folder.length - a.folder.length)
    .map(({ folder, manifest, packageManager }) => ({ ...inner, folder, manifest, packageManager }));
  for (const project of [inner, ...around]) {
    for (const runner of runners) {
      const reason = runner.stack === project.stack && (await runner.reason(project, context));
      if (reason) return { runner, project, reason };
    }
  }
  return undefined;
}
