/** Node tools, which are configured per project by a file or a key of package.json. */
import { posix } from 'node:path';
import type { CheckContext } from '../../../check/check.ts';
import { folderOf } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import { findNodeConflict } from './project/tool-version.ts';
import { selectStacks, type Tool, type ToolJob, type ToolReport, unavailable } from './tool.ts';

const scripts = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|jsonc?|css|graphql|mdx?|html)$/;

interface NodeToolSpec {
  readonly id: string;
  readonly program: string;
  /** Name of the package that contains the program, if it differs from the program's. */
  readonly packageName?: string;
  /** Matches the names of its configuration files. */
  readonly configs: RegExp;
  /** Key of package.json that configures it too. */
  readonly key?: string;
  run(context: CheckContext, target: NodeToolTarget): Promise<ToolReport>;
}

interface NodeToolTarget {
  readonly folder: string;
  readonly program: string;
  /** Paths and related options as in the project's own script. A dot if there is no such script. */
  readonly paths: readonly string[];
  readonly cacheFolder: string;
}

/** Creates a tool that runs in every Node project that is configured for it. */
export function createNodeTool({ id, program: name, packageName = name, configs, key, run }: NodeToolSpec): Tool {
  return {
    id,
    jobs: async (context) => {
      const { repository } = context;
      const files = await repository.files();
      const configured = new Set(files.filter((file) => configs.test(posix.basename(file))).map(folderOf));
      const jobs: ToolJob[] = [];
      const stacks = await selectStacks(context, 'node');
      for (const folder of stacks.length > 0 ? stacks.map((stack) => stack.folder) : ['']) {
        const manifest = await repository.json(posix.join(folder, 'package.json'));
        if (!configured.has(folder) && (key === undefined || field(manifest, key) === undefined)) continue;
        const program = await repository.tool(name, folder);
        const conflict = await findNodeConflict(repository, packageName, folder);
        if (!program || conflict) {
          const missing = `${name} is configured in ${folder || 'the workspace'} but not installed.`;
          jobs.push({ unavailable: unavailable(name, conflict ?? missing) });
          continue;
        }
        const paths = readScriptPaths(field(manifest, 'scripts'), name) ?? ['.'];
        jobs.push({
          folder,
          inputs: scripts,
          run: (jobContext, cacheFolder) => run(jobContext, { folder, program, paths, cacheFolder }),
        });
      }
      return jobs;
    },
  };
}

/** Options whose value is not a path to check. */
const optionsWithValue =
  /^(?:-[fcop]|--(?:format|config|output-file|max-warnings|cache-location|rule|plugin|parser|resolve-plugins-relative-to|ignore-pattern|ignore-path|loglevel|log-level))$/;
/** Options that determine which files are checked and how. */
const pathOptions = /^(?:--ext|--ignore-pattern|--ignore-path|-c|--config)$/;

/** Returns the paths and path options that a script of package.json passes to the tool. Drops all other options. */
function readScriptPaths(packageScripts: unknown, tool: string): readonly string[] | undefined {
  for (const [name, script] of Object.entries((packageScripts as Record<string, unknown> | undefined) ?? {})) {
    const commandLine =
      typeof script === 'string' ? new RegExp(`(?:^|[\\s/])${tool}\\s+([^&|;]+)`).exec(script)?.[1] : undefined;
    if (commandLine === undefined || !/lint|format|check|style|prettier|test/.test(name)) continue;
    if (/[$`<>\\]/.test(commandLine)) continue;
    const args = commandLine
      .trim()
      .split(/\s+/)
      .map((arg) => arg.replace(/^(['"])(.*)\1$/, '$2'));
    const selected = args.flatMap((arg, index) => {
      const previous = args[index - 1] ?? '';
      if (pathOptions.test(arg) || pathOptions.test(previous)) return [arg];
      if (/^--(?:ext|ignore-pattern)=/.test(arg)) return [arg];
      return arg.startsWith('-') || optionsWithValue.test(previous) ? [] : [arg];
    });
    if (selected.some((arg, index) => !arg.startsWith('-') && !pathOptions.test(selected[index - 1] ?? '')))
      return selected;
  }
  return undefined;
}
