#!/usr/bin/env node
/** The other door: the same core in a terminal, for people without an editor and for CI. */
import { readFileSync } from 'node:fs';
import { HumanError } from './core/human-error.ts';
import { pipelines } from './node/run/launch-spec.ts';
import { commands } from './node/terminal/commands.ts';
import { exitCodes, read, UsageError } from './node/terminal/invocation.ts';

const usages = commands.flatMap((command) => command.usages);

const help = `Usage: pipescope <command>

${usages.map(({ line, summary }) => `  pipescope ${line}\n      ${summary}`).join('\n')}

Pipelines: ${pipelines.map(({ id }) => id).join(', ')}, and those that the workspace's pipescope.json names
More: --data DIR (where runs and baselines are kept), --verbose (log on standard error), --version
Exit code: 0 ok, 1 the pipeline failed, a regression was found or the workspace is not ready, 2 wrong use,
3 the validation could not be completed; behind --, the program's own
Progress goes to standard error, results to standard output.
`;

async function main(args: readonly string[]): Promise<number> {
  const { words, command: own, options } = read(args);
  if (options.version) {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    process.stdout.write(`${manifest.version}\n`);
    return exitCodes.ok;
  }
  if (options.help) {
    process.stdout.write(help);
    return exitCodes.ok;
  }
  const command = commands.find(({ name }) => name === words[0]);
  if (!command) {
    throw new UsageError(words[0] ? `There is no command “${words[0]}”. See pipescope --help.` : help.trimEnd());
  }
  const interrupted = new AbortController();
  let takeSignal = (_name: NodeJS.Signals): void => interrupted.abort(new HumanError('Interrupted.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => takeSignal(name));
  return command.start({
    words: words.slice(1),
    command: own,
    options,
    dist: import.meta.dirname,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupted.signal,
    onSignal: (listener) => {
      takeSignal = listener;
    },
  });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const told = error instanceof HumanError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${told}\n`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  },
);
