/** `pipescope run -- <command…>`: profiles a program without changing its input, output or exit code. */
import { messageOf } from '../../core/human-error.ts';
import type { ProbeConfig } from '../../protocol/control.ts';
import type { Argv } from '../command/parse-command.ts';
import { parseExactTarget } from '../run/exact/parse-exact-target.ts';
import { buildCommandLaunch, type LaunchSpec } from '../run/launch-spec.ts';
import { Session } from '../session.ts';
import { assertNoPipeline, exitCodes, foldersOf, type Invocation, UsageError } from './invocation.ts';
import { parseSampling } from './options/sampling-option.ts';
import { Screen } from './output/screen.ts';
import { formatSummary } from './output/snapshot-table.ts';

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
  const { profile } = options;
  if (profile !== undefined) (await import('./output/save-profile.ts')).assertProfileFile(profile);
  const launch = { ...rest, start: start.kind === 'command' ? { ...start, stdio: 'inherit' as const } : start };
  const screen = new Screen(stderr, { isShared: true });
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
    if (name !== 'SIGINT' || !process.stdin.isTTY || session.phase === 'starting') session.forwardSignal(name);
  });
  try {
    const running = session.launch(launch, parseProbeConfig(options));
    // The code for the end of the run is loaded once the program has started, so that it does not delay the start.
    await Promise.race([running, session.started]);
    const [snapshot, { formatSnapshotLine, saveRun }] = await Promise.all([
      running,
      import('./output/save-snapshot.ts'),
    ]);
    if (showsSummary(invocation)) screen.lines(formatSummary(snapshot));
    saveRun(snapshot, { screen, data, file: options.snapshot, build: () => session.exportSnapshot() });
    if (profile !== undefined) {
      const { saveProfile } = await import('./output/save-profile.ts');
      await saveProfile(profile, session.exportSnapshot(), screen);
    }
    if (options.json) stdout.write(formatSnapshotLine(snapshot));
    return exitLike(snapshot.run);
  } finally {
    session.dispose();
  }
}

/** Returns true if the hottest functions are shown at the end: on request, and by default on a terminal. */
function showsSummary({ options, stderr }: Invocation): boolean {
  if (options['no-summary']) return false;
  return options.summary === true || (stderr.isTTY === true && !process.env['CI']);
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
  try {
    return {
      exact: exact.map(parseExactTarget),
      ...parseSampling(sampling),
    };
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
