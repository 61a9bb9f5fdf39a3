/** `pipescope attach PID`: samples a program that already runs, and leaves it running. */
import { programNameOf } from '../attach/program-name.ts';
import type { RunningProcess } from '../attach/running-process.ts';
import { readRunningProcess } from '../attach/running-process.ts';
import { findProjectRoot } from '../project-root.ts';
import { buildAttachLaunch } from '../run/launch-spec.ts';
import { Session } from '../session.ts';
import { exitCodes, foldersOf, type Invocation, UsageError } from './invocation.ts';
import { parseSampling } from './options/sampling-option.ts';
import { assertProfileFile, saveProfile } from './output/save-profile.ts';
import { formatSnapshotLine, saveRun } from './output/save-snapshot.ts';
import { Screen } from './output/screen.ts';
import { formatSummary } from './output/snapshot-table.ts';

const maxPid = 2 ** 31 - 1;
const maxDurationSeconds = 7 * 24 * 3600;

export async function attach(invocation: Invocation): Promise<number> {
  const { options, dist, stdout, stderr } = invocation;
  const pid = parsePid(invocation);
  const durationMs = parseDuration(options.duration);
  const probeConfig = parseSampling(options.sampling);
  if (probeConfig.samplingNs === 0) throw new UsageError('--sampling off leaves nothing to measure in a program.');
  if (options.profile !== undefined) assertProfileFile(options.profile);
  const target = await readRunningProcess(pid);
  const { workspace, data } = foldersOf({ options: { ...options, workspace: options.workspace ?? folderOf(target) } });
  const screen = new Screen(stderr);
  const session = new Session({ dist, data, log: options.verbose ? (line) => screen.line(line) : () => undefined });
  const startMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  session.onChange(() => {
    if (session.snapshot?.run.result === 'running') screen.show(session.snapshot, performance.now() - startMs);
  });
  invocation.onSignal(() => void session.stop());
  try {
    const running = session.launch(buildAttachLaunch(pid, programNameOf(target), workspace), probeConfig);
    await Promise.race([running, session.started]);
    const until = durationMs === undefined ? 'Press Ctrl+C to leave it.' : `Leaving it in ${durationMs / 1000} s.`;
    if (session.phase === 'running') screen.line(`Sampling process ${pid}. ${until}`);
    if (durationMs !== undefined) timer = setTimeout(() => void session.stop(), durationMs);
    const snapshot = await running;
    if (!options['no-summary']) screen.lines(formatSummary(snapshot));
    saveRun(snapshot, { screen, data, file: options.snapshot, build: () => session.exportSnapshot() });
    if (options.profile !== undefined) await saveProfile(options.profile, session.exportSnapshot(), screen);
    if (options.json) stdout.write(formatSnapshotLine(snapshot));
    return snapshot.run.result === 'success' ? exitCodes.ok : exitCodes.failed;
  } finally {
    clearTimeout(timer);
    session.dispose();
  }
}

function parsePid({ positionals: [text], command }: Invocation): number {
  if (command.length > 0) throw new UsageError('attach takes a process ID, not a command. Use run to start a program.');
  const pid = Number(text);
  if (Number.isInteger(pid) && pid > 0 && pid <= maxPid) return pid;
  throw new UsageError(
    text === undefined
      ? 'attach needs the ID of a running process, as in pipescope attach 4711.'
      : `The process ID must be a positive whole number (got “${text}”).`,
  );
}

function parseDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= maxDurationSeconds) return seconds * 1000;
  throw new UsageError(`--duration must be a number of seconds up to ${maxDurationSeconds} (got “${text}”).`);
}

/** Returns the folder of the project to which the program belongs, so that its functions are told from packages. */
function folderOf({ cwd }: RunningProcess): string {
  return cwd === undefined ? '.' : findProjectRoot(cwd);
}
