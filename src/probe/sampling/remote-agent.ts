import { type Inspector, titlePrefix } from './thread-profiler.ts';

/** Key of the agent that the sampler leaves in a worker without a preload. */
export const remoteAgentKey = 'pipescope remote';

const pollMs = 20;
const maxPolls = 250;

/** Evaluates to `ready` in a worker that does not load the preload, once its global variables exist. */
const stateExpression = `typeof process !== 'object' || typeof console !== 'object' || !process.env ? 'starting'
  : process.env.NODE_V8_COVERAGE ? 'covered'
  : process.env.PIPESCOPE_SOCKET && /preload\\.cjs/.test(process.env.NODE_OPTIONS) ? 'preloaded' : 'ready'`;

/** Creates an agent with the methods of \`ThreadAgent\` that sampling needs. It hooks nothing, so only samples are taken. */
const agentExpression = `(() => {
  const key = Symbol.for('${remoteAgentKey}');
  if (key in globalThis) return;
  const start = console.profile.bind(console), end = console.profileEnd.bind(console);
  let title, count = 0;
  const usage = process.threadCpuUsage?.bind(process);
  const readCpuNs = () => { const { user, system } = usage(); return (user + system) * 1000; };
  let cpuNs = usage?.() && readCpuNs();
  const drainCpuNs = () => { const previousNs = cpuNs; cpuNs = usage && readCpuNs(); return usage && cpuNs - previousNs; };
  const drainStats = () => ({
    gauges: [], rotationMs: 0, startWaitMs: 0, loopDelayNs: 0, cpuNs: drainCpuNs(), sourceMapUrls: [], instrumentedFiles: [],
    lookups: [], notices: [],
  });
  const agent = {
    mayEverSample: true,
    start() { title = '${titlePrefix}remote ' + count++; start(title); },
    stop() { if (title !== undefined) end(title); title = undefined; },
    rotate() { const previous = title; agent.start(); if (previous !== undefined) end(previous); return drainStats(); },
    drainStats,
    sourceMapsOf: () => [],
    configure() {},
  };
  Object.defineProperty(globalThis, key, { value: agent });
  // Node reads process.emit just before the worker exits; a listener would be counted.
  const prototype = Object.getPrototypeOf(process);
  Object.defineProperty(prototype, 'emit', {
    configurable: true,
    enumerable: true,
    get() { if (process._exiting) agent.stop(); return Object.getPrototypeOf(prototype).emit; },
    set(value) { Object.defineProperty(this, 'emit', { configurable: true, enumerable: true, writable: true, value }); },
  });
})()`;

/**
 * Resolves once an agent has been created in a worker that was started without the preload, because it has its own
 * environment. Stays pending for other workers.
 */
export async function createRemoteAgent(inspector: Inspector): Promise<void> {
  for (let poll = 0; poll < maxPolls; poll++) {
    const state = await evaluate(inspector, stateExpression);
    if (state === 'ready') {
      await evaluate(inspector, agentExpression);
      return;
    }
    if (state === 'preloaded' || state === 'covered') break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  await new Promise(() => undefined);
}

async function evaluate(inspector: Inspector, expression: string): Promise<unknown> {
  const response = (await inspector.post('Runtime.evaluate', { expression, returnByValue: true, silent: true })) as
    | { readonly result?: { readonly value?: unknown } }
    | undefined;
  return response?.result?.value;
}
