import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Inspector } from '../thread-profiler.ts';
import { evaluate } from './evaluate.ts';

const pollMs = 20;
const maxPolls = 250;

/**
 * Evaluates to true while Node loads a module of its own. Other modules must not be loaded meanwhile: they would keep the
 * incomplete exports of the first one. A program that changes how stacks are made already runs.
 */
const loadingExpression = `((limit, format) => {
  const isFormatted = format && format.value?.name !== 'ErrorPrepareStackTrace';
  if (isFormatted || (limit && !limit.writable)) return false;
  Error.stackTraceLimit = Infinity;
  const { stack } = new Error();
  if (limit) Error.stackTraceLimit = limit.value;
  else delete Error.stackTraceLimit;
  return String(stack).includes('node:internal/bootstrap/');
})(...['stackTraceLimit', 'prepareStackTrace'].map((name) => Object.getOwnPropertyDescriptor(Error, name)))`;

/** Evaluates to `ready` in a thread that does not load the preload, once its global variables exist. */
const stateExpression = `typeof process !== 'object' || typeof console !== 'object' || !process.env || ${loadingExpression} ? 'starting'
  : process.env.NODE_V8_COVERAGE ? 'covered'
  : process.env.PIPESCOPE_SOCKET && /preload\\.cjs/.test(process.env.NODE_OPTIONS) ? 'preloaded' : 'ready'`;

/**
 * Resolves once an agent has been created in a worker that was started without the preload, because it has its own
 * environment. Stays pending for other workers.
 */
export async function createRemoteAgent(inspector: Inspector, probeFolder: string): Promise<void> {
  for (let poll = 0; poll < maxPolls; poll++) {
    const state = await evaluate(inspector, { expression: stateExpression });
    if (state === 'ready') {
      await evaluate(inspector, { expression: agentExpression(probeFolder), includeCommandLineAPI: true });
      return;
    }
    if (state === 'preloaded' || state === 'covered') break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  await new Promise(() => undefined);
}

/**
 * Returns code that runs `interrupt/remote-thread.ts`. It is not loaded as a module, because programs watch and replace the
 * loader of modules. Before Node 20.16, built-in modules come from the command line of the inspector.
 */
function agentExpression(probeFolder: string): string {
  const code = readFileSync(join(probeFolder, 'remote-thread.cjs'), 'utf8');
  return `((require) => { const module = { exports: {} }; const exports = module.exports;
${code}
})(process.getBuiltinModule ?? require)`;
}
