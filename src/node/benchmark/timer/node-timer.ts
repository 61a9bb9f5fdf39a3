/**
 * Process timer for systems without Python: the same as `process-timer.py`, as far as Node can measure it. Without the
 * resource usage of a process, CPU time has the resolution of the system's clock ticks, and peak memory is unknown.
 */
import { type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { createInterface } from 'node:readline';
import { parseJson } from '../../../protocol/parse-json.ts';
import { type CpuTime, readChildCpuTime } from './child-cpu-time.ts';
import type { TimedRun, TimerRequest } from './timer-messages.ts';

/** The system counts CPU time in steps of 10 ms. Below this sum, the rounding error would exceed a tenth. */
const minCpuNs = 100e6;

/** Runs a command once. Rejects with the system's error if it cannot be started. */
export async function timeRun({ argv, cwd, env, stderr }: TimerRequest): Promise<TimedRun> {
  const [command = '', ...args] = argv;
  const stderrFile = openSync(stderr ?? devNull, 'w', 0o600);
  const stdio: StdioOptions = ['ignore', 'ignore', stderrFile];
  const before = readChildCpuTime();
  try {
    return await new Promise<TimedRun>((resolve, reject) => {
      const startMs = performance.now();
      const child = spawn(command, args, { cwd, env, stdio, windowsHide: true });
      child.once('error', reject);
      child.once('exit', (exitCode, signal) => {
        const wallNs = (performance.now() - startMs) * 1e6;
        const exit = exitCode === null ? { signal: String(signal) } : { exitCode };
        resolve({ wallNs, ...cpuTimeSince(before), ...exit });
      });
    });
  } finally {
    closeSync(stderrFile);
  }
}

function cpuTimeSince(before: CpuTime | undefined): Partial<CpuTime> {
  const after = readChildCpuTime();
  if (!before || !after) return {};
  const [userNs, systemNs] = [after.userNs - before.userNs, after.systemNs - before.systemNs];
  return userNs + systemNs < minCpuNs ? {} : { userNs, systemNs };
}

/** Answers requests on standard input until it ends. */
export async function serveTimer(): Promise<void> {
  const answer = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
  process.on('SIGINT', () => undefined);
  answer({ ready: true });
  for await (const line of createInterface(process.stdin)) {
    try {
      answer(await timeRun(parseJson(line) as TimerRequest));
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      answer({ error: { code, message } });
    }
  }
}
