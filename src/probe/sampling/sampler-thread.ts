/**
 * Entry point of the sampler thread. It profiles the program's threads from outside and connects to the host. None of
 * this runs on the program's own threads, so busy or blocked threads are profiled too.
 */
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { threadId as ownThreadId, workerData } from 'node:worker_threads';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import { HostConnection } from '../link/host-connection.ts';
import { readProbeConfig } from '../preload/probe-config.ts';
import { SharedFlags } from '../preload/shared-flags.ts';
import { Sampler } from './sampler.ts';

interface Setup {
  readonly flags: SharedArrayBuffer;
  readonly name: string;
  readonly wallStartMs: number;
}

async function run(): Promise<void> {
  const { flags: memory, name, wallStartMs } = workerData as Setup;
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
  });
  const sampler = new Sampler({
    session,
    connection,
    flags,
    ownThreadId,
    name: basename(name),
    wallStartMs,
    config: readProbeConfig(),
    probeFolder: __dirname,
  });
  try {
    session.connectToMainThread();
    await sampler.run();
  } finally {
    flags.markDone(0);
  }
}

// Keeps the thread alive, because a worker that exits while its process exits can crash the process.
setInterval(() => undefined, 2 ** 30);
// Not reported, because an error here may cost the profile but must not disturb the program.
process.on('uncaughtException', () => undefined);
run().catch(() => undefined);
