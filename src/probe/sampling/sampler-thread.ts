/**
 * Entry point of the sampler thread. It profiles the program's threads from outside and connects to the host. None of
 * this runs on the program's own threads, so busy or blocked threads are profiled too.
 */
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId as ownThreadId, workerData } from 'node:worker_threads';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import { HostConnection } from '../link/host-connection.ts';
import { readProbeConfig } from '../preload/probe-config.ts';
import { SharedFlags } from '../preload/shared-flags.ts';
import { CodeOwner } from '../source/code-owner.ts';
import { launcherName } from '../source/launcher-name.ts';
import { Sampler } from './sampler.ts';
import type { SamplerSetup } from './start-sampler.ts';

/** Time for the main thread to remove an inspector session. */
const removalMs = 1000;

async function run(): Promise<void> {
  const { flags: memory, name, args, wallStartMs, isAttached } = workerData as SamplerSetup;
  const address = process.env[socketVariable];
  const token = process.env[tokenVariable];
  const flags = new SharedFlags(memory);
  if (!address) return flags.markDone(0);
  const session = new Session();
  const connection = new HostConnection({
    address,
    ...(token ? { token } : {}),
    keepsThreadAlive: true,
    onControl: (control) => sampler.handleControl(control),
    ...(isAttached ? { onDisconnected: () => sampler.detach() } : {}),
  });
  const config = readProbeConfig();
  const owner = new CodeOwner(config.projectRoot ?? config.workspace, __dirname);
  const sampler = new Sampler({
    session,
    connection,
    flags,
    ownThreadId,
    name: basename(name),
    launcher: isAttached ? undefined : launcherName(name, args, (file) => owner.isUserCode(file)),
    wallStartMs,
    config,
    probeFolder: __dirname,
    isAttached,
  });
  try {
    if (!isAttached && !(await flags.reach(0))) return await connection.close();
    session.connectToMainThread();
    await sampler.run();
  } finally {
    flags.markDone(0);
    if (isAttached) await leave();
  }
}

/**
 * Ends this thread, but not the program. Node aborts if a thread ends at the moment at which the main thread removes the
 * thread's inspector session, which it does once it reaches its next interrupt check.
 */
async function leave(): Promise<void> {
  await sleep(removalMs);
  process.exit();
}

// Keeps the thread alive, because a worker that exits while its process exits can crash the process.
setInterval(() => undefined, 2 ** 30);
// Not reported, because an error here may cost the profile but must not disturb the program.
process.on('uncaughtException', () => undefined);
run().catch(() => undefined);
