/** Attaches to a running Node process: loads a sampler into it through its inspector, which is closed again at once. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { networkVariable, probeConfigVariable, socketVariable } from '../../protocol/environment-variables.ts';
import { GuestEndpoints } from '../run/guest-endpoints.ts';
import type { Attach } from './attachment.ts';
import type { InspectorClient } from './inspector-client.ts';
import { openInspector } from './open-inspector.ts';
import type { RunningProcess } from './running-process.ts';

/** Maximum time for the sampler to start in the program and to connect. */
const maxConnectMs = 10_000;
const pollIntervalMs = 20;

/**
 * Closes the inspector some time after nobody is connected: Node can crash if it closes during the end of a connection. `require`
 * exists only while the expression is evaluated, and an error in a timer would end the program.
 */
const closeLater = `((inspector) => {
  setTimeout(() => { try { inspector.close(); } catch {} }, 1000).unref();
})(require('node:inspector'))`;

/** Samples a Node program. The sampler leaves when it is asked to stop, or loses its host. */
export const attachToNode: Attach = async (target, options) => {
  let isConnected = false;
  const endpoints = await GuestEndpoints.open({
    ...options,
    onMessage: (message) => {
      isConnected = true;
      options.onMessage(message);
    },
  });
  try {
    const environment = {
      ...endpointsFor(target, endpoints.environment({})),
      [probeConfigVariable]: JSON.stringify(options.probeConfig),
    };
    await loadInto(target.pid, join(options.dist, 'attach.cjs'), environment);
    await waitUntil(() => isConnected, target.pid);
  } catch (error) {
    await endpoints.close();
    throw error;
  }
  endpoints.send({ type: 'closeInspector' });
  return {
    configure: (probeConfig) => endpoints.configure(probeConfig),
    detach: async () => {
      endpoints.send({ type: 'stop' });
      await endpoints.waitForGuests();
      await endpoints.close();
    },
  };
};

/** Returns the address that the program can open: sockets in our own folder are closed to other users. */
function endpointsFor(
  { userId }: RunningProcess,
  { [networkVariable]: address = '', ...variables }: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const isOurs = userId === undefined || userId === process.getuid?.();
  return isOurs ? variables : { ...variables, [socketVariable]: address };
}

async function loadInto(pid: number, file: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const client = await openInspector(pid);
  try {
    await loadSampler(client, file, environment);
  } catch (error) {
    await client.evaluate(closeLater).catch(() => undefined);
    throw new HumanError(`Could not attach to process ${pid}: ${messageOf(error)}.`);
  } finally {
    await client.close();
  }
}

async function waitUntil(isConnected: () => boolean, pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < maxConnectMs; waitedMs += pollIntervalMs) {
    if (isConnected()) return;
    await sleep(pollIntervalMs);
  }
  throw new HumanError(
    `Process ${pid} did not connect within ${maxConnectMs / 1000} s. It may be stopped, or not be permitted to open sockets.`,
  );
}

async function loadSampler(
  client: InspectorClient,
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const problem = await client.evaluate(`require(${JSON.stringify(file)}).attach(${JSON.stringify(environment)})`);
  if (typeof problem === 'string') throw new Error(problem);
}
