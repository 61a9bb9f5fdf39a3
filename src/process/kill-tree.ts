/** Ends process trees so that no descendant survives. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findByEnvironment, readStat } from './proc-reader.ts';
import { isAlive, listTree } from './process-tree.ts';

const isLinux = process.platform === 'linux';
const isWindows = process.platform === 'win32';
const pollIntervalMs = 15;
const defaultForceMs = 1000;

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
export async function killTree(pid: number, { marker, graceMs, forceMs = defaultForceMs }: KillOptions): Promise<void> {
  if (isWindows) return killWindowsTree(pid);
  // Descendants whose parent ends are reparented and can no longer be found, so list them before any signal.
  const tree = await listTree(pid);
  const findSurvivors = (): number[] => {
    const candidates = isLinux ? [...tree, ...findByEnvironment(marker)] : [-pid, ...tree];
    return [...new Set(candidates)].filter(isAlive);
  };
  signalTree(pid, tree.filter(isAlive), 'SIGTERM');
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += pollIntervalMs) {
    if (findSurvivors().length === 0) return;
    await sleep(pollIntervalMs);
  }
  for (let waitedMs = 0; waitedMs < forceMs; waitedMs += pollIntervalMs) {
    const survivors = findSurvivors();
    if (survivors.length === 0) return;
    signalTree(pid, survivors, 'SIGKILL');
    await sleep(pollIntervalMs);
  }
}

/** Kills the processes that an ended process left behind in its group. */
export function killGroup(pid: number): void {
  if (!isWindows) sendSignal(-pid, 'SIGKILL');
}

/** Signals the group that `pid` leads and those of `pids` outside of it, so that each process gets the signal once. */
function signalTree(pid: number, pids: readonly number[], signal: NodeJS.Signals): void {
  const outsiders = isLinux ? pids.filter((member) => readStat(member)?.groupId !== pid) : pids;
  for (const target of new Set([-pid, ...outsiders])) sendSignal(target, signal);
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
