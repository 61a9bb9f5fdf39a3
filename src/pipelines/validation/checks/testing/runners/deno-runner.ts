/** Test runner of Deno. Its tests need permissions, which only the tasks of the project state. */
import { skip } from '../../../check/check.ts';
import { folderOf, foldersAround } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';
import { joinPath, type TestProject } from './test-projects.ts';
import type { TestRunner } from './test-runner.ts';

const names = ['deno.json', 'deno.jsonc'];

/** Returns the configuration around the tests: of their project, or of the nearest folder around the first one. */
async function findConfig({ folder, tests }: TestProject, repository: Repository): Promise<string | undefined> {
  const files = await repository.fileSet();
  const folders = [folder, ...foldersAround(folderOf(tests[0] ?? ''))];
  return folders.flatMap((parent) => names.map((name) => joinPath(parent, name))).find((name) => files.has(name));
}

export const deno: TestRunner = {
  id: 'deno test',
  stack: 'node',
  reason: (project, { repository }) => findConfig(project, repository),
  command: async (project, { repository }) => {
    const config = (await findConfig(project, repository)) ?? '';
    const hasTask = field(field(await repository.json(config), 'tasks'), 'test') !== undefined;
    if (!hasTask) return skip('not_applicable', `${config} has no task "test", which would state the permissions.`);
    return {
      program: 'deno',
      args: ['task', '--cwd', folderOf(config) || '.', 'test'],
      missingDependency: (output) =>
        /error sending request|not found in cache|--cached-only|Failed resolving|Could not find npm package/.test(
          output,
        )
          ? 'Some required modules are not downloaded. Run "deno install" once.'
          : undefined,
    };
  },
};
