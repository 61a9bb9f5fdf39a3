/**
 * Entry point of the probe in a program that already runs. The inspector loads it, and it leaves no trace in the list of
 * modules. It starts the sampler, which samples from outside and leaves on request or when it loses its host.
 */
import { findConflict } from '../preload/conflict.ts';
import { startSampler } from '../sampling/start-sampler.ts';
import { probeKey } from '../sampling/thread-profiler.ts';

const minNodeMajor = 18;

/**
 * Starts the sampler.
 *
 * @param environment variables of the sampler
 * @returns the reason why this program cannot be sampled; undefined if it is
 */
export function attach(environment: NodeJS.ProcessEnv): string | undefined {
  delete require.cache[__filename];
  if (Number.parseInt(process.versions.node, 10) < minNodeMajor)
    return `Node ${process.versions.node} cannot be profiled. Node ${minNodeMajor} or later is needed`;
  if (Symbol.for(probeKey) in globalThis) return 'Pipescope already profiles this program';
  const conflict = findConflict();
  if (conflict) return conflict.notice ?? 'This process runs no program that can be measured';
  startSampler(environment, true);
  return undefined;
}
