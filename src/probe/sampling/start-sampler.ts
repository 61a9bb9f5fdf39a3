import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sharedFlagsBytes } from '../preload/shared-flags.ts';
import { probeKey } from './thread-profiler.ts';

/** Data with which the sampler's thread starts. */
export interface SamplerSetup {
  readonly flags: SharedArrayBuffer;
  /** Main script of the program. */
  readonly name: string;
  /** First arguments of the program. */
  readonly args: readonly string[];
  readonly wallStartMs: number;
  /** True if the program already ran, so that its threads have no preload and the sampler leaves before they end. */
  readonly isAttached: boolean;
}

/** The command of a package manager is among these. */
const maxArguments = 20;

/**
 * Starts the sampler in a thread of its process. Returns the memory that it shares with the program's threads.
 *
 * @param environment variables of the sampler; those of other programs are left out
 */
export function startSampler(environment: NodeJS.ProcessEnv, isAttached = false): SharedArrayBuffer {
  const flags = new SharedArrayBuffer(sharedFlagsBytes);
  const setup: SamplerSetup = {
    flags,
    name: process.argv[1] ?? 'node',
    args: process.argv.slice(2, 2 + maxArguments),
    wallStartMs: performance.timeOrigin,
    isAttached,
  };
  const sampler = withoutTicks(
    () =>
      new Worker(join(__dirname, 'sampler.cjs'), {
        workerData: { [probeKey]: true, ...setup },
        // The sampler inherits no options or variables of Node: it must not load the preload, debug or write coverage.
        execArgv: [],
        env: Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('PIPESCOPE_'))),
        stdout: true,
        stderr: true,
        trackUnmanagedFds: false,
      }),
  );
  sampler.unref();
  sampler.on('error', () => undefined);
  return flags;
}

/**
 * Keeps Node from queueing the tick that announces a new worker to listeners of the program. A queued tick would also
 * appear in the stack traces of the program's first module.
 */
function withoutTicks<T>(work: () => T): T {
  const { nextTick } = process;
  try {
    process.nextTick = () => undefined;
    return work();
  } finally {
    process.nextTick = nextTick;
  }
}
