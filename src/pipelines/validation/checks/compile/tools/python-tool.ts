/** Python tools, which are configured per project by a file or a table of pyproject.toml or setup.cfg. */
import { posix } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { findPythonConflict } from './project/tool-version.ts';
import { selectStacks, type Tool, type ToolJob, type ToolReport, unavailable } from './tool.ts';

const pythonFiles = /\.pyi?$/;

async function isConfigured(
  repository: Repository,
  { folder }: Stack,
  tool: string,
  configs: readonly string[],
): Promise<boolean> {
  const files = await repository.fileSet();
  if (configs.some((config) => files.has(posix.join(folder, config)))) return true;
  if (field(field(await repository.toml(posix.join(folder, 'pyproject.toml')), 'tool'), tool) !== undefined)
    return true;
  return new RegExp(`^\\[${tool}\\]`, 'm').test((await repository.text(posix.join(folder, 'setup.cfg'))) ?? '');
}

/**
 * Creates a tool that runs in every Python project that is configured for it.
 * @param configs names of its configuration files
 * @param name of the program and of its configuration table
 */
export function createPythonTool(
  id: string,
  configs: readonly string[],
  run: (context: CheckContext, stack: Stack, cacheFolder: string, program: string) => Promise<ToolReport>,
  name = id,
): Tool {
  return {
    id,
    jobs: async (context) => {
      const jobs: ToolJob[] = [];
      for (const stack of await selectStacks(context, 'python')) {
        if (!(await isConfigured(context.repository, stack, name, configs))) continue;
        const program = (await context.repository.tool(name, stack.folder)) ?? name;
        jobs.push({
          folder: stack.folder,
          inputs: pythonFiles,
          run: async (jobContext, cacheFolder) => {
            const conflict = await findPythonConflict(jobContext, { name, program, folder: stack.folder });
            return conflict ? unavailable(id, conflict) : run(jobContext, stack, cacheFolder, program);
          },
        });
      }
      return jobs;
    },
  };
}
