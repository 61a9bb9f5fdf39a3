/** `pipescope run -- <command…>`: profiles a program without changing its input, output or exit code. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExactTarget, ProbeConfig } from '../../protocol/control.ts';
import type { Argv } from '../command/parse-command.ts';
import { buildCommandLaunch, type LaunchSpec } from '../run/launch-spec.ts';
import { defaultProbeConfig, Session } from '../session.ts';
import { assertNoPipeline, exitCodes, foldersOf, type Invocation, UsageError } from './invocation.ts';
import { addToHistory, saveSnapshot, summaryOf } from './save-snapshot.ts';
import { Screen } from './screen.ts';

/** Base of the exit code that shells use for a program ended by a signal. */
const signalExitBase = 128;

export async function runCommand(invocation: Invocation): Promise<number> {
  assertNoPipeline(invocation);
  const { workspace } = foldersOf(invocation);
  const argv = invocation.command as Argv;
  return runProgram(invocation, buildCommandLaunch(argv, { workspace, cwd: process.cwd(), stdio: 'inherit' }));
}

/** Runs a program with the terminal's input and output, regardless of the `stdio` of the launch. */
export async function runProgram(invocation: Invocation, { start, ...rest }: LaunchSpec): Promise<number> {
  const { options, dist, stdout, stderr } = invocation;
  const { data } = foldersOf(invocation);
  const launch = { ...rest, start: start.kind === 'command' ? { ...start, stdio: 'inherit' as const } : start };
  const screen = new Screen(stderr);
  const session = new Session({ dist, data, log: options.verbose ? (line) => screen.line(line) : () => undefined });
  const showsProgress = options.progress === true && stderr.isTTY === true;
  const startMs = performance.now();
  if (showsProgress) {
    session.onChange(() => {
      if (session.snapshot?.run.result === 'running') screen.show(session.snapshot, performance.now() - startMs);
    });
  }
  // On Ctrl+C, the terminal also signals the program, because it is in our process group. Other signals reach only us.
  invocation.onSignal((name) => {
    if (name !== 'SIGINT' || !process.stdin.isTTY) session.forwardSignal(name);
  });
  try {
    const snapshot = await session.launch(launch, parseProbeConfig(options));
    if (showsProgress) screen.end(snapshot);
    if (options.snapshot) await saveSnapshot(options.snapshot, session.exportSnapshot());
    addToHistory(data, snapshot, screen);
    if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
    return exitLike(snapshot.run);
  } finally {
    session.dispose();
  }
}

/** Returns the program's exit code, or ends this process with the signal that ended the program. */
function exitLike({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): number {
  if (signal === undefined) return exitCode ?? exitCodes.failed;
  const name = signal as NodeJS.Signals;
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  return signalExitBase;
}

function parseProbeConfig({ exact = [], sampling }: Invocation['options']): Partial<ProbeConfig> {
  return { exact: exact.map(parseExactTarget), samplingNs: parseSamplingNs(sampling) };
}

function parseSamplingNs(text: string | undefined): number {
  if (text === undefined) return defaultProbeConfig.samplingNs;
  if (text === 'off') return 0;
  const intervalMs = Number(text);
  if (intervalMs >= 0.25 && intervalMs <= 1000) return Math.round(intervalMs * 1e6);
  throw new UsageError(`--sampling must be an interval from 0.25 to 1000 milliseconds, or off (got “${text}”).`);
}

/** Parses `FILE:FUNCTION` or `FILE:LINE`. */
function parseExactTarget(text: string): ExactTarget {
  const colon = text.lastIndexOf(':');
  const [file, position] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon < 1 || position === '') throw new UsageError(`--exact must be FILE:FUNCTION or FILE:LINE (got “${text}”).`);
  if (!existsSync(file)) throw new UsageError(`File not found: ${resolve(file)}. Check the value of --exact.`);
  return /^\d+$/.test(position)
    ? { file: resolve(file), line: Number(position) }
    : { file: resolve(file), name: position };
}
