/** Reads what the system reports about a process to which Pipescope may attach. */
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { HumanError } from '../../core/human-error.ts';
import { listProcesses, readStat } from '../../process/proc-reader.ts';
import { isAlive } from '../../process/process-tree.ts';
import { createYielder } from '../../process/yield-to-loop.ts';
import { defined } from '../../protocol/defined.ts';

/** Runtimes whose programs can be sampled, by the name of their executable. */
const runtimes = [
  { runtime: 'node', executable: /^(node|nodejs)(\.exe)?$/ },
  { runtime: 'python', executable: /^(python|pypy)[\d.]*(\.exe)?$/i },
] as const;
export type Runtime = (typeof runtimes)[number]['runtime'];

export interface RunningProcess {
  readonly pid: number;
  /** Undefined for other programs. */
  readonly runtime?: Runtime;
  /** Executable and arguments, as far as the system reports them. */
  readonly argv: readonly string[];
  /** Working folder; absent if the system does not report it. */
  readonly cwd?: string;
  /** ID of the user to whom it belongs; absent where there is none. */
  readonly userId?: number;
  /** Start time in clock ticks since boot, which tells it from a later process with the same ID. Linux only. */
  readonly startTicks?: number;
}

const isLinux = process.platform === 'linux';

/** Returns a running process. Throws a HumanError if there is none, or it belongs to another user. */
export async function readRunningProcess(pid: number): Promise<RunningProcess> {
  if (pid === process.pid) throw new HumanError('Pipescope cannot attach to itself. Enter the ID of another process.');
  if (!isAlive(pid)) throw new HumanError(`No process ${pid} is running. Enter the ID of a running process.`);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new HumanError(
      `Process ${pid} belongs to another user. Attach as the user who runs it, or with administrator rights.`,
    );
  }
  return isLinux ? readFromProc(pid) : readFromPs(pid);
}

/**
 * Returns the running Node and Python programs of the current user, except this process, the newest first. Undefined on systems
 * that do not list them.
 */
export async function listAttachable(): Promise<readonly RunningProcess[] | undefined> {
  if (!isLinux) return undefined;
  const processes: RunningProcess[] = [];
  const yieldIfDue = createYielder();
  for (const pid of listProcesses()) {
    await yieldIfDue();
    const candidate = pid === process.pid ? undefined : readFromProc(pid);
    if (candidate?.runtime !== undefined && candidate.cwd !== undefined) processes.push(candidate);
  }
  return processes;
}

function readFromProc(pid: number): RunningProcess {
  const executable = attempt(() => readlinkSync(`/proc/${pid}/exe`));
  const argv = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.split('\0') ?? [];
  // A replaced executable, e.g. after an update, has this suffix.
  const runtime = executable && runtimeOf(executable.replace(/ \(deleted\)$/, ''));
  return {
    pid,
    argv: argv.filter((part, index) => part !== '' || index < argv.length - 1),
    ...defined({
      runtime: runtime || undefined,
      cwd: attempt(() => readlinkSync(`/proc/${pid}/cwd`)),
      userId: attempt(() => statSync(`/proc/${pid}`).uid),
      startTicks: readStat(pid)?.startTicks,
    }),
  };
}

async function readFromPs(pid: number): Promise<RunningProcess> {
  // On Windows, Node itself refuses to open the inspector of a process that is not Node.
  if (process.platform === 'win32') return { pid, runtime: 'node', argv: [] };
  const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]);
  const executable = stdout.trim();
  return { pid, argv: [executable], ...defined({ runtime: runtimeOf(executable) }) };
}

function runtimeOf(executable: string): Runtime | undefined {
  return runtimes.find((row) => row.executable.test(basename(executable)))?.runtime;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
