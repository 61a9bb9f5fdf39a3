/** Formats the text of `pipescope --help`. */
import { partialSuites } from '../benchmark/suites.ts';
import { configFile, pipelines } from '../run/pipelines.ts';
import { type CommandUsage, commands, type OptionHelp } from './commands.ts';

const commonOptions: readonly OptionHelp[] = [
  ['--workspace DIR', 'Workspace folder (default: the current folder)'],
  ['--data DIR', 'Folder for caches, history and baselines (default: one for each workspace)'],
  ['--json', 'Print the result as JSON'],
  ['--verbose', 'Print the log to standard error'],
  ['-h, --help', 'Print this help'],
  ['--version', 'Print the version'],
];

const optionWidth = 26;

export function formatHelp(): string {
  return `Usage: pipescope <command> [options]

Profiles, validates and benchmarks pipelines and programs.
Prints progress to standard error and results to standard output.

Commands:
${commands.flatMap(({ usages }) => usages.map(formatUsage)).join('\n')}
Common options:
${formatOptions(commonOptions, 2)}
Pipelines:
  ${pipelines.map(({ id }) => id).join(', ')}, and those defined in ${configFile}

Suites for "bench":
${partialSuites.map(({ id, title }) => formatOptions([[id, title]], 2)).join('')}
Exit codes:
  0  Success
  1  The run failed, a regression was found, the workspace is not ready, or a bundle has changed
  2  Invalid arguments or configuration
  3  The validation could not be completed
  With "run -- <command…>": the exit code of the program
`;
}

function formatUsage({ line, summary, options = [] }: CommandUsage): string {
  return `  pipescope ${line}\n      ${summary}\n${formatOptions(options, 6)}`;
}

function formatOptions(options: readonly OptionHelp[], indent: number): string {
  return options
    .map(([option, description]) => `${' '.repeat(indent)}${option.padEnd(optionWidth)} ${description}\n`)
    .join('');
}
