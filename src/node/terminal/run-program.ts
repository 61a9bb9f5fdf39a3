/** `pipescope run -- <command…>`: any program, with our input, output and exit code as if it had been started alone. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Target, Wishes } from '../../protocol/control.ts';
import { commandOf, type LaunchSpec } from '../run/launch-spec.ts';
import { defaultWishes, Session } from '../session.ts';
import { exitCodes, type Invocation, placeOf, UsageError } from './invocation.ts';
import { remember, saveSnapshot, summaryOf } from './save-snapshot.ts';
import { Screen } from './screen.ts';

/** The exit code of a shell for a program that a signal ended. */
const signalBase = 128;

export async function runCommand(invocation: Invocation): Promise<number> {
  const words = invocation.command as [string, ...string[]];
  if (invocation.words.length > 0) {
    throw new UsageError(`Either a pipeline or a command behind --, not both (“${invocation.words[0]}”).`);
  }
  const { workspace } = placeOf(invocation);
  return runProgram(invocation, commandOf(words, { workspace, cwd: process.cwd(), stdio: 'inherit' }));
}

/** As `runCommand`, of what is described; whatever that says of its input and output, they are ours. */
export async function runProgram(invocation: Invocation, { start, ...described }: LaunchSpec): Promise<number> {
  const { options, dist, stdout, stderr } = invocation;
  const { data } = placeOf(invocation);
  const launch = { ...described, start: start.kind === 'command' ? { ...start, stdio: 'inherit' as const } : start };
  const screen = new Screen(stderr);
  const session = new Session({ dist, data, log: options.verbose ? (line) => screen.line(line) : () => undefined });
  const shown = options.progress === true && stderr.isTTY === true;
  const started = performance.now();
  if (shown) {
    session.onChange(() => {
      if (session.snapshot?.run.result === 'running') screen.show(session.snapshot, performance.now() - started);
    });
  }
  // A terminal signals the program itself, which is in our group; a signal sent to us alone is handed on.
  invocation.onSignal((name) => {
    if (name !== 'SIGINT' || !process.stdin.isTTY) session.forward(name);
  });
  try {
    const snapshot = await session.launch(launch, wishesOf(options));
    if (shown) screen.end(snapshot);
    if (options.snapshot) await saveSnapshot(options.snapshot, session.exportSnapshot());
    remember(data, snapshot, screen);
    if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
    return endLike(snapshot.run);
  } finally {
    session.dispose();
  }
}

/** Ends as the program did: by its code, or by the signal that ended it. */
function endLike({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): number {
  if (signal === undefined) return exitCode ?? exitCodes.failed;
  const name = signal as NodeJS.Signals;
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  return signalBase;
}

function wishesOf({ exact = [], sampling }: Invocation['options']): Partial<Wishes> {
  return { exact: exact.map(targetOf), samplingNs: samplingOf(sampling) };
}

function samplingOf(text: string | undefined): number {
  if (text === undefined) return defaultWishes.samplingNs;
  if (text === 'off') return 0;
  const intervalMs = Number(text);
  if (intervalMs >= 0.25 && intervalMs <= 1000) return Math.round(intervalMs * 1e6);
  throw new UsageError(`--sampling wants milliseconds from 0.25 to 1000, or off, not “${text}”.`);
}

/** `FILE:FUNCTION` or `FILE:LINE`. */
function targetOf(text: string): Target {
  const at = text.lastIndexOf(':');
  const [file, what] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || what === '') throw new UsageError(`--exact wants FILE:FUNCTION or FILE:LINE, not “${text}”.`);
  if (!existsSync(file)) throw new UsageError(`There is no file ${resolve(file)} of which to time ${what}.`);
  return /^\d+$/.test(what) ? { file: resolve(file), line: Number(what) } : { file: resolve(file), name: what };
}
