/** Runs the `pipescope` command: finds the command, handles signals, and turns every failure into a sentence and an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HumanError } from '../../../core/human-error.ts';
import { markOwnLineage } from '../../../process/lineage-mark.ts';
import { joinTerminalLines } from '../../../protocol/escape/terminal-lines.ts';
import { commands } from '../commands.ts';
import { exitCodes, type Invocation, parseInvocation, UsageError } from '../invocation.ts';
import { describeFailure } from './describe-failure.ts';

/** Time after the end of a command in which whatever it left open may close. */
const maxClosingMs = 2000;

/** Runs the command and sets the exit code of this process. Never rejects. */
export async function runCommandLine(argv: readonly string[], dist: string): Promise<void> {
  let hasLostOutput = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone, as in `pipescope … | head`. It does not want to know more.
    if (error.code === 'EPIPE' || hasLostOutput) return;
    hasLostOutput = true;
    printError(`Could not write the result: ${describeFailure(error)}`);
    process.exitCode = exitCodes.failed;
  });
  // Without standard error, there is no place for a message.
  process.stderr.on('error', () => undefined);
  const code = await runCommand(argv, dist).catch((error: unknown) => {
    printError(describeFailure(error));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  });
  process.exitCode = hasLostOutput && code === exitCodes.ok ? exitCodes.failed : code;
  setTimeout(() => process.exit(), maxClosingMs).unref();
}

async function runCommand(argv: readonly string[], dist: string): Promise<number> {
  const { positionals, command: program, options } = parseInvocation(argv);
  const [name, ...args] = positionals;
  if (options.version) return print(`${readVersion(dist)}\n`);
  if (options.help) return print(await formatHelp());
  const command = commands.find((row) => row.name === name);
  if (!command) {
    throw new UsageError(name ? `Unknown command “${name}”. See pipescope --help.` : (await formatHelp()).trimEnd());
  }
  const extra = args[command.maxPositionals];
  if (extra !== undefined) throw new UsageError(`Unexpected argument “${extra}”. See pipescope --help.`);
  const interruption = new AbortController();
  let handleSignal = (_name: NodeJS.Signals): void => interruption.abort(new HumanError('Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => handleSignal(signal));
  const invocation: Invocation = {
    positionals: args,
    command: program,
    options,
    dist,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
    onSignal: (listener) => {
      handleSignal = listener;
    },
  };
  const start = await command.load();
  interruption.signal.throwIfAborted();
  // This process starts nothing but what belongs to the command.
  markOwnLineage();
  return start(invocation);
}

async function formatHelp(): Promise<string> {
  return (await import('../help.ts')).formatHelp();
}

function readVersion(dist: string): string {
  const manifest = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

function printError(text: string): void {
  process.stderr.write(joinTerminalLines(text.split('\n')));
}

function print(text: string): number {
  process.stdout.write(text);
  return exitCodes.ok;
}
