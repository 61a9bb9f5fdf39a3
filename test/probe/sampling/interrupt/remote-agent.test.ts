/** Checks when the sampler evaluates code in a worker that has no preload: never while Node loads modules of its own there. */
import { strict as assert } from 'node:assert';
import { runInThisContext } from 'node:vm';
import { createRemoteAgent } from '../../../../src/probe/sampling/interrupt/remote-agent.ts';

interface Evaluation {
  readonly expression: string;
  readonly includeCommandLineAPI?: boolean;
}

/** Returns what is evaluated first in a worker, which then seems to have the preload. */
async function firstEvaluation(): Promise<Evaluation> {
  return new Promise((resolve) => {
    const post = (_method: string, parameters?: object): Promise<unknown> => {
      resolve(parameters as Evaluation);
      return Promise.resolve({ result: { value: 'preloaded' } });
    };
    void createRemoteAgent({ post }, import.meta.dirname);
  });
}

describe('createRemoteAgent', () => {
  it('does not let Node load modules to learn the state of a worker', async () => {
    const { includeCommandLineAPI } = await firstEvaluation();
    assert.ok(!includeCommandLineAPI);
  });

  it('waits while a module of Node loads, and leaves the settings of stack traces as they are', async () => {
    const { expression } = await firstEvaluation();
    const { stackTraceLimit } = Error;
    const evaluateIn = (filename: string): unknown =>
      (runInThisContext('(code) => (0, eval)(code)', { filename }) as (code: string) => unknown)(expression);
    assert.equal(evaluateIn('node:internal/bootstrap/realm'), 'starting');
    assert.equal(evaluateIn('node:internal/main/worker_thread'), 'ready');
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
  });
});
