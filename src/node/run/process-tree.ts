/** Looks at a process and all its descendants from outside: memory, processor time, and ending them all. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TreeSample } from '../../core/record/recorder.ts';
import { runVariable } from '../../protocol/environment-variables.ts';

const linux = process.platform === 'linux';
/** Linux counts processor time in hundredths of a second for user space, on every architecture. */
const tickNs = 1e7;

/** Memory and processor time of the tree; nothing once it is gone. */
export async function sampleTree(pid: number): Promise<TreeSample | undefined> {
  return linux ? sampleLinux(pid) : sampleElsewhere(pid);
}

/** All living descendants of a process, itself first. */
export async function treeOf(pid: number): Promise<readonly number[]> {
  if (linux) return treeOfLinux(pid);
  const { default: pidtree } = await import('pidtree');
  return pidtree(pid, { root: true }).catch(() => []);
}

/**
 * Ends a whole process tree: the group, every descendant seen at the start, and every process that carries the run's
 * id in its environment; politely first, by force after `graceMs`. Resolves when none is left.
 */
export async function killTree(pid: number, runId: string, graceMs: number): Promise<void> {
  if (process.platform === 'win32') return killWindows(pid);
  const seen = new Set((await treeOf(pid)).filter(isAlive));
  if (seen.size > 0) signalAll(pid, seen, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += 20) {
    if (living(seen, runId).length === 0) return;
    await sleep(20);
  }
  for (let round = 0; round < 50; round++) {
    const left = living(seen, runId);
    if (left.length === 0) return;
    signalAll(pid, new Set(left), 'SIGKILL');
    await sleep(20);
  }
}

function signalAll(group: number, pids: ReadonlySet<number>, signal: NodeJS.Signals): void {
  for (const target of [-group, ...pids]) {
    try {
      process.kill(target, signal);
    } catch {
      // Already gone, which is what was wanted.
    }
  }
}

function living(seen: ReadonlySet<number>, runId: string): number[] {
  const marked = linux ? markedLinux(runId) : [];
  return [...new Set([...seen, ...marked])].filter(isAlive);
}

export function isAlive(pid: number): boolean {
  if (linux) {
    const stat = statOf(pid);
    return stat !== undefined && stat.state !== 'Z';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killWindows(pid: number): Promise<void> {
  return new Promise((done) => {
    execFile('taskkill', ['/pid', String(pid), '/t', '/f'], () => done());
  });
}

interface Stat {
  readonly state: string;
  readonly cpuNs: number;
  readonly rssBytes: number;
  readonly threads: number;
}

/** Fields after the command's name, which may itself contain spaces and brackets (proc(5)). */
function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Own time and that of children waited for: so the sum over the living is the whole tree's.
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  return {
    state: fields[0] ?? '',
    cpuNs: ticks * tickNs,
    rssBytes: Number(fields[21]) * pageBytes(),
    threads: Number(fields[17]),
  };
}

let knownPageBytes = 0;

/** Size of a memory page, from our own memory told once in kilobytes and once in pages. */
function pageBytes(): number {
  if (knownPageBytes > 0) return knownPageBytes;
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(read('/proc/self/status') ?? '')?.[1]);
  const pages = Number(read('/proc/self/statm')?.split(' ')[1]);
  const size = 2 ** Math.round(Math.log2((kilobytes * 1024) / pages));
  knownPageBytes = Number.isFinite(size) ? size : 4096;
  return knownPageBytes;
}

function sampleLinux(pid: number): TreeSample | undefined {
  const tree = treeOfLinux(pid);
  const stats = tree.flatMap((one) => statOf(one) ?? []);
  const living = stats.filter((stat) => stat.state !== 'Z');
  if (living.length === 0) return undefined;
  return {
    rssBytes: living.reduce((sum, stat) => sum + stat.rssBytes, 0),
    cpuNs: stats.reduce((sum, stat) => sum + stat.cpuNs, 0),
    processes: living.length,
    threads: living.reduce((sum, stat) => sum + stat.threads, 0),
    ...trafficOf(tree),
  };
}

/** Bytes that passed through system calls, with those of children waited for; nothing where we may not look (proc(5)). */
function trafficOf(tree: readonly number[]): Pick<TreeSample, 'readBytes' | 'writtenBytes'> {
  const texts = tree.flatMap((pid) => read(`/proc/${pid}/io`) ?? []);
  if (texts.length === 0) return {};
  const sum = (field: RegExp): number => texts.reduce((total, text) => total + Number(field.exec(text)?.[1] ?? 0), 0);
  return { readBytes: sum(/^rchar: (\d+)/m), writtenBytes: sum(/^wchar: (\d+)/m) };
}

function treeOfLinux(pid: number): number[] {
  const tree = [pid];
  for (const one of tree) {
    for (const thread of list(`/proc/${one}/task`)) {
      const children = read(`/proc/${one}/task/${thread}/children`) ?? '';
      for (const child of children.split(' ').filter(Boolean)) tree.push(Number(child));
    }
  }
  return tree;
}

function markedLinux(runId: string): number[] {
  const marker = `${runVariable}=${runId}`;
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && read(`/proc/${pid}/environ`)?.split('\0').includes(marker));
}

async function sampleElsewhere(pid: number): Promise<TreeSample | undefined> {
  const { default: pidusage } = await import('pidusage');
  const pids = await treeOf(pid);
  if (pids.length === 0) return undefined;
  const stats = Object.values(await pidusage([...pids]).catch(() => ({}))).filter((stat) => stat !== null);
  if (stats.length === 0) return undefined;
  return {
    rssBytes: stats.reduce((sum, stat) => sum + stat.memory, 0),
    cpuNs: stats.reduce((sum, stat) => sum + stat.ctime * 1e6, 0),
    processes: stats.length,
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
