/**
 * The helper thread of the zero-code probe: it looks at the program's threads from outside, folds what it sees, and
 * speaks to the host. The program's own threads do neither, so a busy or blocked one is seen all the same.
 */
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { threadId as ownThread, workerData } from 'node:worker_threads';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import { Wire } from '../link/wire.ts';
import { currentWishes } from '../preload/probe-config.ts';
import { Flags } from '../preload/shared-flags.ts';
import { Observer } from './sampler.ts';

interface Setup {
  readonly flags: SharedArrayBuffer;
  readonly name: string;
  readonly wallStartMs: number;
}

async function run(): Promise<void> {
  const { flags, name, wallStartMs } = workerData as Setup;
  const address = process.env[socketVariable];
  const token = process.env[tokenVariable];
  const shared = new Flags(flags);
  if (!address) return shared.done(0);
  const session = new Session();
  const wire = new Wire({
    address,
    ...(token ? { token } : {}),
    stays: true,
    onControl: (control) => observer.obey(control),
  });
  const observer = new Observer({
    session,
    wire,
    flags: shared,
    ownThread,
    name: basename(name),
    wallStartMs,
    wishes: currentWishes(),
    home: __dirname,
  });
  try {
    session.connectToMainThread();
    await observer.run();
  } finally {
    shared.done(0);
  }
}

// The thread never ends by itself: one that ends while its process does can bring it down.
setInterval(() => undefined, 2 ** 30);
// Nobody hears of it: what fails here costs the profile, not the program.
process.on('uncaughtException', () => undefined);
run().catch(() => undefined);
