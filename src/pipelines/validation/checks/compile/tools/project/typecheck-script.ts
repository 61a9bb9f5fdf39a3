/** Reads from the scripts of package.json how a project checks its types, so that it is checked the same way. */
import { posix } from 'node:path';
import { field } from '../../../../repository/manifest-formats.ts';
import type { Repository } from '../../../../repository/repository.ts';

export interface CompiledProjects {
  /** Configurations that scripts compile, relative to the workspace. */
  readonly projects: readonly string[];
  /**
   * Folders of the packages with such scripts, if only builds and tests compile: other packages may leave that to their
   * editors. Undefined if a script is only there to check types, since such scripts cover what the project wants checked.
   */
  readonly folders?: ReadonlySet<string>;
}

/**
 * `projects`: configurations to check, relative to the workspace, and the program that checks them. `unsupported`: a program
 * that cannot be started like tsc.
 */
export type TypecheckScript =
  | ({ readonly kind: 'projects'; readonly program: string } & CompiledProjects)
  | { readonly kind: 'unsupported'; readonly program: string; readonly script: string };

/** Names of scripts that check types and do nothing else. */
const scriptName =
  /^(?:type-?checks?|types?[:-]check|check[:-]?types?|check:ts|ts:check|ts|tsc|lint:(?:types?|tsc?)|test:types?|types)(?:[:-]\w+)*$/i;
/** Names of scripts that may compile among other things. */
const otherScriptName =
  /^(?:pre|post)?(?:build|compile|bundle|dist|prepare|prepack|prepublishOnly|check|lint|test|ci|validate|verify)(?::[\w:.-]+)*$/i;
/** Programs with the arguments of tsc, which check other files too or are other versions of it. */
const compilers = /^(?:tsc|vue-tsc|tsgo)$/;
/** Type checkers with arguments of a different form. */
const otherCheckers =
  /^(?:svelte-check|astro|glint|ngc|ng|nuxi|nuxt|next|flow|ember-tsc|react-router|twoslash|tsd|attw|deno|marko-type-check)$/;
/** Programs that only start another one. */
const launchers = /^(?:npx|pnpm|yarn|bunx?|exec|run|dlx|node|cross-env|env|time|dotenv|--|-s|--silent)$/;

/**
 * Returns how the scripts check types, or undefined if no script shows it. Scripts that start those of other packages, as in
 * monorepos, show nothing.
 */
export async function readTypecheckScripts(repository: Repository): Promise<TypecheckScript | undefined> {
  const projects = new Set<string>();
  const programs = new Set<string>();
  const folders = new Set<string>();
  let hasDedicated = false;
  let other: TypecheckScript | undefined;
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  for (const { folder, manifest } of stacks) {
    for (const [name, script] of Object.entries(field(await repository.json(manifest), 'scripts') ?? {})) {
      const isDedicated = scriptName.test(name);
      if (typeof script !== 'string' || !(isDedicated || otherScriptName.test(name))) continue;
      for (const command of script.split(/&&|\|\||[;|]/)) {
        const { program, args } = parseCommand(command);
        if (compilers.test(program) && !args.some((arg) => /^(?:-w|--watch|--init|--version|-v)$/.test(arg))) {
          programs.add(program);
          folders.add(folder);
          hasDedicated ||= isDedicated;
          for (const project of projectsOf(args)) projects.add(posix.join(folder, project));
        } else if (isOtherChecker(program, isDedicated))
          other ??= { kind: 'unsupported', program, script: `${manifest}: ${name}` };
      }
    }
  }
  if (other && programs.size === 0) return other;
  const [program] = [...programs].filter((name) => programs.size === 1 || name !== 'tsc');
  if (program === undefined) return undefined;
  return { kind: 'projects', program, projects: [...projects], ...(hasDedicated ? {} : { folders }) };
}

/** A build with another program also checks types, but so does tsc with the same configuration. */
const isOtherChecker = (program: string, isDedicated: boolean): boolean =>
  otherCheckers.test(program) && (isDedicated || program === 'svelte-check');

function parseCommand(command: string): { readonly program: string; readonly args: readonly string[] } {
  const argv = command
    .trim()
    .split(/\s+/)
    .map((argument) => argument.replace(/^(['"])(.*)\1$/, '$2'));
  const index = argv.findIndex((argument) => !launchers.test(argument) && !/^\w+=/.test(argument));
  return { program: posix.basename(argv[index] ?? ''), args: argv.slice(index + 1) };
}

/** Returns the configurations that tsc reads with the given arguments: those named, or else the one of the folder. */
function projectsOf(args: readonly string[]): string[] {
  const isBuild = args.includes('-b') || args.includes('--build');
  const named = isBuild
    ? args.filter((arg) => !arg.startsWith('-'))
    : args.filter((_, index) => /^(?:-p|--project)$/i.test(args[index - 1] ?? ''));
  return (named.length > 0 ? named : ['.']).map((path) =>
    path.endsWith('.json') ? path : posix.join(path, 'tsconfig.json'),
  );
}
