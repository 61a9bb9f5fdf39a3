/** Ends process trees so that no descendant survives. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, listTree } from './process-tree.ts';
import { TreeFinder, type TreeRoot } from './tree-finder.ts';

const isWindows = process.platform === 'win32';
const pollIntervalMs = 15;
/** Interval of SIGKILL: short, because a process that keeps starting others must be found between two of them. */
const forceIntervalMs = 2;
const defaultForceMs = 1000;
const minEmptyScans = 3;

export interface KillOptions {
  /** `NAME=value` entry in the environment of every process of the tree; finds processes that left it (Linux only). */
  readonly marker: string;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Time for which SIGKILL is repeated; processes that survive it are left running. 1000 ms by default. */
  readonly forceMs?: number;
}

/**
 * Ends a process, its process group, its descendants and every process with the marker. Sends SIGTERM first and SIGKILL
 * after `graceMs`. Resolves when all of them have ended, or after `forceMs`.
 */
export async function killTree(root: TreeRoot, options: KillOptions): Promise<void> {
  if (isWindows) return killWindowsTree(root.pid);
  if (process.platform === 'linux') return killLinuxTree(new TreeFinder(root, options.marker), options);
  return killListedTree(root.pid, options);
}

async function killLinuxTree(finder: TreeFinder, { graceMs, forceMs = defaultForceMs }: KillOptions): Promise<void> {
  /** Processes that have received SIGTERM, by id and start time. */
  const asked = new Set<string>();
  const terminate = (): number => {
    const { members } = finder.find();
    for (const { pid, startTicks, state } of members) {
      const id = `${pid} ${startTicks}`;
      if (asked.has(id)) continue;
      asked.add(id);
      sendSignal(pid, 'SIGTERM');
      // A stopped process receives other signals only when it continues.
      if (state === 'T') sendSignal(pid, 'SIGCONT');
    }
    return members.length;
  };
  const kill = (): number => {
    // A process that starts another and exits at once is hit only if it is killed as soon as it is found.
    const { members, groupIds } = finder.find((pid) => sendSignal(pid, 'SIGKILL'));
    // A process cannot start another in a group while the whole group receives SIGKILL.
    for (const groupId of groupIds) sendSignal(-groupId, 'SIGKILL');
    for (const { pid } of members) sendSignal(pid, 'SIGKILL');
    return members.length;
  };
  if (!(await endsWithin(graceMs, terminate, pollIntervalMs))) await endsWithin(forceMs, kill, forceIntervalMs);
}

/** Calls `signalAll` until it finds no process. Returns false if it still does so after `maxMs`. */
async function endsWithin(maxMs: number, signalAll: () => number, intervalMs: number): Promise<boolean> {
  // A process that exits while it starts another may be missed, so the tree has ended only if it is empty several times.
  let emptyScans = 0;
  for (const endMs = performance.now() + maxMs; performance.now() < endMs; ) {
    emptyScans = signalAll() === 0 ? emptyScans + 1 : 0;
    if (emptyScans === minEmptyScans) return true;
    if (emptyScans === 0) await sleep(intervalMs);
  }
  return false;
}

/** Ends the processes that can be listed where there is no /proc. */
async function killListedTree(pid: number, { graceMs, forceMs = defaultForceMs }: KillOptions): Promise<void> {
  // Descendants whose parent ends are reparented and can no longer be found, so list them before any signal.
  const targets = [-pid, ...(await listTree(pid))];
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const endMs = performance.now() + (signal === 'SIGTERM' ? graceMs : forceMs);
    if (signal === 'SIGTERM') for (const target of targets) sendSignal(target, signal);
    for (; performance.now() < endMs; await sleep(pollIntervalMs)) {
      const survivors = targets.filter(isAlive);
      if (survivors.length === 0) return;
      if (signal === 'SIGKILL') for (const target of survivors) sendSignal(target, signal);
    }
  }
}

/** Kills the processes that an ended process left behind in its group. */
export function killGroup(pid: number): void {
  if (!isWindows) sendSignal(-pid, 'SIGKILL');
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // The process has already ended.
  }
}

function killWindowsTree(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/pid', String(pid), '/t', '/f'], () => resolve());
  });
}
