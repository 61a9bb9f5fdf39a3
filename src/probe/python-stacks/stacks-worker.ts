/** Entry point of the thread in which a host reads the stacks of Python processes, by their memory. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { FromPythonStacks, PythonStacksStart, ToPythonStacks } from '../../protocol/python-stacks-message.ts';
import { StacksSampler } from './stacks-sampler.ts';

/** The thread waits without an event loop, because a timer costs as much as a sample. The host wakes it for each message. */
function run(port: NonNullable<typeof parentPort>, start: PythonStacksStart): void {
  const signal = new Int32Array(start.signal);
  const sampler = new StacksSampler(start, (message: FromPythonStacks) => port.postMessage(message));
  while (!sampler.hasStopped) {
    const seen = Atomics.load(signal, 0);
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      sampler.handle(next.message as ToPythonStacks);
    }
    if (!sampler.hasStopped) Atomics.wait(signal, 0, seen, sampler.step());
  }
}

if (parentPort) run(parentPort, workerData as PythonStacksStart);
