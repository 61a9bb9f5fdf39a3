/**
 * Measures runs of commands from outside, in a process that does nothing else: this one may have other children, other work
 * and so much memory that starting a process takes milliseconds.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { HumanError } from '../../../core/human-error.ts';
import { settlesWithin } from '../../../process/settles-within.ts';
import { ownGroup, TrackedProcess } from '../../../process/tracked-process.ts';
import { watchTree } from '../../../process/watchdog.ts';
import { programVariable } from '../../../protocol/environment-variables.ts';
import { parseJson } from '../../../protocol/parse-json.ts';
import type { Argv } from '../../command/parse-command.ts';
import { keeperEnvironment } from '../../run/guest-environment.ts';
import { explainStartError } from '../../run/start-error.ts';
import { isStartFailure, isTimedRun, type TimedRun, type TimerRequest } from './timer-messages.ts';

/** Time to start. A version manager may start Python slowly. */
const maxStartMs = 5000;
/** Time between SIGTERM and SIGKILL if a benchmark is cancelled. */
const graceMs = 2000;

type TimerProcess = ChildProcessByStdio<Writable, Readable, null>;

export class ProcessTimer {
  readonly #process: TrackedProcess<TimerProcess>;
  readonly #marker: string;
  readonly #answers: AsyncIterator<string>;
  readonly #unwatch: () => void;
  #killing: Promise<void> | undefined;

  /** Starts the best timer that this system can run. Rejects with a HumanError if it can run none. */
  static async start(dist: string, signal?: AbortSignal): Promise<ProcessTimer> {
    for (const command of timerCommands(dist)) {
      signal?.throwIfAborted();
      const timer = startTimer(command, dist);
      if (timer && (await timer.#isReady())) return timer;
      await timer?.close();
    }
    throw new HumanError('Programs cannot be measured, because this installation is incomplete. Reinstall Pipescope.');
  }

  /** @param marker `NAME=value` entry in the environment of the timer */
  constructor(timerProcess: TrackedProcess<TimerProcess>, marker: string, dist: string) {
    this.#process = timerProcess;
    this.#marker = marker;
    const { child, root } = timerProcess;
    this.#unwatch = root ? watchTree({ ...root, marker }, dist) : () => undefined;
    child.stdin.on('error', () => undefined);
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]();
    // A timer that cannot be started has no answers.
    timerProcess.exited.catch(() => undefined);
  }

  /**
   * Runs a command once. Rejects with a HumanError if it cannot be started. If it is cancelled, ends all its processes and
   * then rejects with the signal's reason.
   */
  async run(request: TimerRequest, signal?: AbortSignal): Promise<TimedRun> {
    signal?.throwIfAborted();
    const kill = (): void => void this.#kill();
    signal?.addEventListener('abort', kill, { once: true });
    try {
      this.#process.child.stdin.write(`${JSON.stringify(request)}\n`);
      const answer = await this.#read();
      await this.#killing;
      signal?.throwIfAborted();
      if (isTimedRun(answer)) return answer;
      if (isStartFailure(answer))
        throw explainStartError({ command: request.argv[0] ?? '', cwd: request.cwd }, answer.error);
      throw new HumanError('The process that measures the runs has ended. Run the benchmark again.');
    } finally {
      signal?.removeEventListener('abort', kill);
    }
  }

  /** Ends the timer. Processes that the measured programs have left behind continue to run. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#process.child.stdin.end();
    if (!(await settlesWithin(this.#process.exited, graceMs))) await this.#kill();
    await this.#killing;
  }

  async #isReady(): Promise<boolean> {
    const ready = this.#read();
    return (await settlesWithin(ready, maxStartMs)) && (await ready) !== undefined;
  }

  async #read(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    return done ? undefined : parseJson(value);
  }

  #kill(): Promise<void> {
    this.#killing ??= this.#process.kill({ marker: this.#marker, graceMs });
    return this.#killing;
  }
}

/**
 * Python interpreters to try. The system's own is first, because that of a version manager is a script. On macOS, it may be
 * a placeholder that opens a dialog.
 */
const pythons: { readonly [platform in NodeJS.Platform]?: readonly string[] } = {
  linux: ['/usr/bin/python3', 'python3'],
  darwin: ['/opt/homebrew/bin/python3', '/usr/local/bin/python3'],
  freebsd: ['python3'],
};

/** Lists the commands of all timers, the best first. */
function timerCommands(dist: string): readonly Argv[] {
  const [script, module] = [join(dist, 'process-timer.py'), join(dist, 'node-timer.js')];
  return [
    ...(pythons[process.platform] ?? []).map((python): Argv => [python, '-I', '-S', '-B', script]),
    [process.execPath, module],
  ].filter((argv): argv is [string, ...string[]] => existsSync(argv.at(-1) ?? ''));
}

function startTimer([program, ...args]: Argv, dist: string): ProcessTimer | undefined {
  const id = randomUUID();
  const env = { ...keeperEnvironment(), [programVariable]: id };
  try {
    const timerProcess = new TrackedProcess(
      () =>
        spawn(program, args, {
          env,
          stdio: ['pipe', 'pipe', 'ignore'],
          detached: ownGroup,
          windowsHide: true,
        }) as TimerProcess,
      { marksLineage: true },
    );
    return new ProcessTimer(timerProcess, `${programVariable}=${id}`, dist);
  } catch {
    return undefined;
  }
}
