#!/usr/bin/env node
/** Entry point of the `pipescope` command, for use in a terminal or in CI. */
import { readFileSync } from 'node:fs';
import { HumanError } from './core/human-error.ts';
import { commands } from './node/terminal/commands.ts';
import { formatHelp } from './node/terminal/help.ts';
import { exitCodes, parseInvocation, UsageError } from './node/terminal/invocation.ts';

async function main(argv: readonly string[]): Promise<number> {
  const { positionals, command: program, options } = parseInvocation(argv);
  const [name, ...args] = positionals;
  if (options.version) {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    process.stdout.write(`${manifest.version}\n`);
    return exitCodes.ok;
  }
  if (options.help) {
    process.stdout.write(formatHelp());
    return exitCodes.ok;
  }
  const command = commands.find((row) => row.name === name);
  if (!command) {
    throw new UsageError(name ? `Unknown command “${name}”. See pipescope --help.` : formatHelp().trimEnd());
  }
  const interruption = new AbortController();
  let handleSignal = (_name: NodeJS.Signals): void => interruption.abort(new HumanError('Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => handleSignal(signal));
  return command.start({
    positionals: args,
    command: program,
    options,
    dist: import.meta.dirname,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
    onSignal: (listener) => {
      handleSignal = listener;
    },
  });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const message = error instanceof HumanError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  },
);
