/** A run that samples a program which already runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../../core/human-error.ts';
import { readStat } from '../../process/proc-reader.ts';
import { isAlive } from '../../process/process-tree.ts';
import { sampleTree } from '../../process/usage/sample-tree.ts';
import { defined } from '../../protocol/defined.ts';
import type { AttachStart } from '../run/launch-spec.ts';
import type { RunExit } from '../run/run-process.ts';
import type { RunHandle, StartOptions } from '../run/start-run.ts';
import { attachToNode } from './attach-node.ts';
import { attachToPython } from './attach-python.ts';
import type { Attach, Attachment } from './attachment.ts';
import { type RunningProcess, type Runtime, readRunningProcess } from './running-process.ts';

const attachTo: Readonly<Record<Runtime, Attach>> = { node: attachToNode, python: attachToPython };

const pollIntervalMs = 100;

/**
 * Attaches to a program. The run ends when it is stopped, which leaves the program running, or when the program ends. Rejects with
 * a HumanError.
 */
export async function startAttached({ pid }: AttachStart, options: StartOptions): Promise<RunHandle> {
  const target = await readRunningProcess(pid);
  if (target.runtime === undefined) {
    const name = target.argv[0] ?? 'an unknown program';
    throw new HumanError(`Process ${pid} runs ${name}. Pipescope can attach to Node and Python only.`);
  }
  const attachment = await attachTo[target.runtime](target, options);
  const earlier = await sampleTree(pid);
  const stopping = new AbortController();
  const ended = followProgram(target, attachment, stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
  };
  return {
    child: { pid, stop, kill: () => undefined, ...defined({ earlier }) },
    ended,
    configure: (probeConfig) => attachment.configure(probeConfig),
  };
}

async function followProgram(
  { pid, startTicks }: RunningProcess,
  attachment: Attachment,
  stopped: AbortSignal,
): Promise<RunExit> {
  const isRunning = (): boolean =>
    isAlive(pid) && (startTicks === undefined || readStat(pid)?.startTicks === startTicks);
  while (!stopped.aborted && isRunning())
    await sleep(pollIntervalMs, undefined, { signal: stopped }).catch(() => undefined);
  await attachment.detach();
  return { exitCode: 0, stderr: '', stopped: false };
}
