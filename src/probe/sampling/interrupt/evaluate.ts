import type { Inspector } from '../thread-profiler.ts';

export interface Evaluation {
  readonly expression: string;
  /** Provides `require`, for which Node loads modules of its own. */
  readonly includeCommandLineAPI?: boolean;
}

/** Answer of V8 if the expression was terminated. */
const terminated = /execution was terminated/i;

/**
 * Evaluates an expression in a thread and returns its value.
 *
 * Something may end the execution of the thread just then: `worker.terminate()`, or the `timeout` of a script of `node:vm`. V8 then
 * ends the expression and believes that this was all, so that the program would go on forever. So the thread is terminated once
 * more. Rejects if the thread cannot be reached, or the expression was terminated.
 */
export async function evaluate(inspector: Inspector, evaluation: Evaluation): Promise<unknown> {
  const parameters = { ...evaluation, returnByValue: true, silent: true };
  try {
    const response = (await inspector.post('Runtime.evaluate', parameters)) as
      | { readonly result?: { readonly value?: unknown } }
      | undefined;
    return response?.result?.value;
  } catch (error) {
    if (error instanceof Error && terminated.test(error.message)) await inspector.post('Runtime.terminateExecution');
    throw error;
  }
}
