/** Reads processes from Linux's /proc. File formats are described in proc(5). */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU time in units of 1/100 s to user space, on every architecture. */
const clockTickNs = 1e7;
const defaultPageBytes = 4096;

/** One process, as described by its `stat` file. */
export interface ProcessStat {
  /** One letter; `Z` is a zombie, which has ended but was not waited for. */
  readonly state: string;
  readonly parentId: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** Start time in clock ticks since boot. Tells a process from a later one with the same id. */
  readonly startTicks: number;
  readonly userNs: number;
  readonly systemNs: number;
  /** User CPU time of descendants that have ended and were waited for. */
  readonly reapedUserNs: number;
  /** System CPU time of descendants that have ended and were waited for. */
  readonly reapedSystemNs: number;
  readonly threads: number;
  readonly rssPages: number;
}

/** Returns undefined if there is no such process. */
export function readStat(pid: number | 'self'): ProcessStat | undefined {
  const text = readFile(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The command name may contain spaces and parentheses, so fields are counted from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number): number => Number(fields[index]);
  return {
    state: fields[0] ?? '',
    parentId: number(1),
    groupId: number(2),
    sessionId: number(3),
    startTicks: number(19),
    userNs: number(11) * clockTickNs,
    systemNs: number(12) * clockTickNs,
    reapedUserNs: number(13) * clockTickNs,
    reapedSystemNs: number(14) * clockTickNs,
    threads: number(17),
    rssPages: number(21),
  };
}

let pageBytes: number | undefined;

/** Returns the size of a memory page. It is read only once, because it never changes. */
export function getPageBytes(): number {
  pageBytes ??= readPageBytes();
  return pageBytes;
}

/** Derives the size of a memory page from this process's own memory in kilobytes and in pages. */
function readPageBytes(): number {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFile('/proc/self/status') ?? '')?.[1]);
  const pages = Number(readFile('/proc/self/statm')?.split(' ')[1]);
  const size = 2 ** Math.round(Math.log2((kilobytes * 1024) / pages));
  return Number.isFinite(size) ? size : defaultPageBytes;
}

/** Resident memory of a process. */
export interface ProcessMemory {
  readonly rssBytes: number;
  /** The highest so far. */
  readonly peakRssBytes: number;
}

/** Returns undefined if the process has ended. */
export function readMemory(pid: number): ProcessMemory | undefined {
  const text = readFile(`/proc/${pid}/status`) ?? '';
  const [, peak, now] = /^VmHWM:\s+(\d+) kB\nVmRSS:\s+(\d+) kB/m.exec(text) ?? [];
  if (peak === undefined || now === undefined) return undefined;
  return { peakRssBytes: Number(peak) * 1024, rssBytes: Number(now) * 1024 };
}

/** Bytes that passed through system calls of a process and of its descendants that were waited for. */
export interface ProcessTraffic {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Returns undefined if the process does not exist or belongs to another user. */
export function readTraffic(pid: number): ProcessTraffic | undefined {
  const text = readFile(`/proc/${pid}/io`);
  if (text === undefined) return undefined;
  const number = (field: RegExp): number => Number(field.exec(text)?.[1] ?? 0);
  return { readBytes: number(/^rchar: (\d+)/m), writtenBytes: number(/^wchar: (\d+)/m) };
}

/** Returns a process and all its descendants, parents before children. */
export function readDescendants(pid: number): number[] {
  const tree = [pid];
  for (const parent of tree) {
    for (const thread of listFolder(`/proc/${parent}/task`)) {
      const children = readFile(`/proc/${parent}/task/${thread}/children`) ?? '';
      for (const child of children.split(' ').filter(Boolean)) tree.push(Number(child));
    }
  }
  return tree;
}

/** Returns the ids of all processes, the highest first. */
export function listProcesses(): number[] {
  return listFolder('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

/** Returns whether a process was started with this `NAME=value` entry in its environment. */
export function hasEnvironmentEntry(pid: number, entry: string): boolean {
  return readFile(`/proc/${pid}/environ`)?.split('\0').includes(entry) === true;
}

/** Returns the soft limit of the CPU time, in microseconds, that a real-time process may use without blocking. */
export function readRealTimeLimit(pid: number | 'self'): string | undefined {
  return /^Max realtime timeout\s+(\w+)/m.exec(readFile(`/proc/${pid}/limits`) ?? '')?.[1];
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
