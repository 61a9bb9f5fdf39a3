#!/usr/bin/env node
/** The other door: the same core in a terminal, for people without an editor and for CI. */
import { readFileSync } from 'node:fs';
import { HumanError } from './core/error.ts';
import { pipelines } from './node/launch.ts';
import { commands } from './node/terminal/commands.ts';
import { exitCodes, read, UsageError } from './node/terminal/invocation.ts';

const help = `Usage: pipescope <command>

${commands.map(({ usage, summary }) => `  pipescope ${usage}\n      ${summary}`).join('\n')}

Pipelines: ${pipelines.map(({ id }) => id).join(', ')}
More: --data DIR (where runs and baselines are kept), --verbose (log on standard error), --version
Exit code: 0 ok, 1 the pipeline failed or a regression was found, 2 wrong use
Progress goes to standard error, results to standard output.
`;

async function main(args: readonly string[]): Promise<number> {
  const { words, options } = read(args);
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new HumanError('Interrupted.')));
  }
  return command.start({
    words: words.slice(1),
    options,
    dist: import.meta.dirname,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupted.signal,
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
