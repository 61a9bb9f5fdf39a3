/**
 * The helper thread of the zero-code probe: it looks at the program's threads from outside, folds what it sees, and
 * speaks to the host. The program's own threads do neither, so a busy or blocked one is seen all the same.
 */
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { threadId as ownThread, workerData } from 'node:worker_threads';
import { isWishes, type Wishes } from '../protocol/control.ts';
import { socketVariable, tokenVariable, wishesVariable } from '../protocol/environment.ts';
import { Flags } from './flags.ts';
import { Observer } from './observer.ts';
import { Wire } from './wire.ts';

interface Setup {
  readonly flags: SharedArrayBuffer;
  readonly name: string;
  readonly wallStartMs: number;
}

function wishesOf(text: string | undefined): Wishes {
  try {
    const told: unknown = JSON.parse(text ?? '');
    if (isWishes(told)) return told;
  } catch {
    // Without wishes the usual ones hold.
  }
  return { samplingNs: 1e6, exact: [], budgetRatio: 0.01, workspace: process.cwd() };
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
    wishes: wishesOf(process.env[wishesVariable]),
    home: __dirname,
  });
  try {
    session.connectToMainThread();
    await observer.run();
  } finally {
    shared.done(0);
  }
}

// Nobody hears of it: what fails here costs the profile, not the program.
process.on('uncaughtException', () => undefined);
run().catch(() => undefined);
