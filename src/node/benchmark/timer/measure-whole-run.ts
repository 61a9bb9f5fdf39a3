/** Measures one run of a program or pipeline as a whole process, without the probe. */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { RunSample } from '../../../core/benchmark/summarize-case.ts';
import { HumanError } from '../../../core/human-error.ts';
import { defined } from '../../../protocol/defined.ts';
import { assertExists } from '../../detached/begin-run.ts';
import { environmentWithoutProbe, programEnvironment } from '../../run/guest-environment.ts';
import type { LaunchSpec } from '../../run/launch-spec.ts';
import { findReason } from '../../run/outcome.ts';
import type { ProcessTimer } from './process-timer.ts';
import type { TimedRun, TimerRequest } from './timer-messages.ts';

/** Maximum part of standard error that is read to explain a failure. */
const maxStderrBytes = 64 * 1024;

export interface WholeRunOptions {
  readonly signal?: AbortSignal;
  /** Accepts runs that fail, e.g. of a linter that reports findings. */
  readonly ignoreFailure?: boolean;
  /** File for standard error, which explains a failure. Without it, the output is discarded, so that it costs the least. */
  readonly stderr?: string;
}

/** Runs a launch once. Rejects with a HumanError if it fails, and with the signal's reason if it is cancelled. */
export async function measureWholeRun(
  launch: LaunchSpec,
  timer: ProcessTimer,
  { signal, ignoreFailure = false, stderr }: WholeRunOptions,
): Promise<RunSample> {
  assertExists(launch);
  const run = await timer.run({ ...toRequest(launch), ...defined({ stderr }) }, signal);
  if (run.exitCode !== 0 && !ignoreFailure) {
    throw new HumanError(`Benchmark stopped because a run failed: ${describeFailedRun(launch, run, stderr)}`);
  }
  const { wallNs, userNs, systemNs, peakRssBytes, exitCode = null } = run;
  return { wallNs, exitCode, ...defined({ userNs, systemNs, peakRssBytes }) };
}

function toRequest({ workspace, cwd = workspace, start }: LaunchSpec): TimerRequest {
  switch (start.kind) {
    case 'module': {
      const argv = [process.execPath, '--enable-source-maps', start.module, ...start.args];
      return { argv, cwd, env: environmentWithoutProbe(randomUUID()) };
    }
    case 'command':
      return { argv: [start.command, ...start.args], cwd, env: { ...programEnvironment(), ...start.env } };
    case 'listen':
      throw new HumanError('A receiver cannot be benchmarked. Select a pipeline or a program.');
    case 'attach':
      throw new HumanError('A program that already runs cannot be benchmarked. Select a pipeline or a program.');
  }
}

function describeFailedRun(
  { pipeline: { title } }: LaunchSpec,
  { exitCode, signal }: TimedRun,
  stderr?: string,
): string {
  const how = exitCode === undefined ? `was terminated by ${signal}` : `failed with exit code ${exitCode}`;
  if (stderr === undefined) {
    return `${title} ${how}. Measured runs do not keep the program's output. Run the program by itself to see why.`;
  }
  const reason = findReason(readEnd(stderr));
  return `${title} ${how}${reason === undefined ? '.' : `: ${reason}`}`;
}

function readEnd(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, maxStderrBytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
