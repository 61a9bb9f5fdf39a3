/** Opens the inspector of a running Node process, which its signal SIGUSR1 does. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { InspectorClient } from './inspector-client.ts';

/** Port at which Node opens its inspector unless its options name another one. */
const defaultPort = 9229;
const pollIntervalMs = 20;
const maxOpeningMs = 5000;
const isLinux = process.platform === 'linux';
/** Bit of SIGUSR1 in the masks of `/proc/PID/status`. */
const userSignalBit = 1n << 9n;
const listening = '0A';

/**
 * Opens the inspector and connects to it. Throws a HumanError if Node does not handle the signal, the inspector is already
 * open, or its port is in use.
 */
export async function openInspector(pid: number): Promise<InspectorClient> {
  if (isLinux && !handlesUserSignal(pid)) {
    throw new HumanError(
      `Process ${pid} does not handle SIGUSR1, which opens the inspector of Node. It may just be starting, or was started with --disable-sigusr1.`,
    );
  }
  const earlierPorts = isLinux ? listeningPorts(pid) : new Set<number>();
  if (await isListening(defaultPort)) {
    throw new HumanError(
      earlierPorts.has(defaultPort)
        ? `The inspector of process ${pid} is already open. Close it first, because a debugger would receive the samples.`
        : `Another process uses port ${defaultPort}, at which Node opens its inspector. End that process, or close its inspector.`,
    );
  }
  signalInspector(pid);
  for (let waitedMs = 0; waitedMs < maxOpeningMs; waitedMs += pollIntervalMs) {
    await sleep(pollIntervalMs);
    const port = await findPort(pid, earlierPorts);
    if (port === undefined) continue;
    const client = await InspectorClient.connect(port).catch(() => undefined);
    if (!client) continue;
    await assertProcess(client, pid);
    return client;
  }
  throw new HumanError(
    `Process ${pid} did not open its inspector within ${maxOpeningMs / 1000} s. It may be stopped, handle SIGUSR1 itself, or have opened its inspector earlier.`,
  );
}

function signalInspector(pid: number): void {
  try {
    // Undocumented, but the only way on Windows; elsewhere it sends SIGUSR1.
    (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
  } catch (error) {
    throw new HumanError(`Could not open the inspector of process ${pid}: ${messageOf(error)}.`);
  }
}

async function assertProcess(client: InspectorClient, pid: number): Promise<void> {
  const answer = await client.evaluate('process.pid').catch(() => undefined);
  if (answer === pid) return;
  await client.close();
  throw new HumanError(
    answer === undefined
      ? `The main thread of process ${pid} does not answer. It may be blocked in a system call.`
      : `The inspector at port ${defaultPort} belongs to process ${answer}, not to ${pid}. Attach from inside its container.`,
  );
}

/** Returns the port that the process has opened, as far as the system reports it; otherwise the default port once it is open. */
async function findPort(pid: number, earlierPorts: ReadonlySet<number>): Promise<number | undefined> {
  if (!isLinux) return (await isListening(defaultPort)) ? defaultPort : undefined;
  const added = [...listeningPorts(pid)].filter((port) => !earlierPorts.has(port));
  return added.includes(defaultPort) ? defaultPort : added[0];
}

/** Without a handler, the signal would end the process. */
function handlesUserSignal(pid: number): boolean {
  try {
    const [, mask] = /^SigCgt:\s+([\da-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return mask !== undefined && (BigInt(`0x${mask}`) & userSignalBit) !== 0n;
  } catch {
    return false;
  }
}

/** Returns the TCP ports at which a process listens, on Linux. */
function listeningPorts(pid: number): Set<number> {
  const sockets = new Set<string>();
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${descriptor}`)) ?? [];
      if (inode !== undefined) sockets.add(inode);
    }
    const lines = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n'));
    return new Set(
      lines.flatMap((line) => {
        const fields = line.trim().split(/\s+/);
        const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
        return fields[3] === listening && sockets.has(fields[9] ?? '') ? [port] : [];
      }),
    );
  } catch {
    return new Set();
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
