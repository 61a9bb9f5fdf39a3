/** Ends a program with all that it has started, so that a check that is over leaves nothing running. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { programVariable } from '../../../protocol/environment-variables.ts';

const linux = process.platform === 'linux';
/** Time to end in order before it is ended by force: short, since Stop promises to be done within a second. */
const politeMs = 150;
const lookEveryMs = 15;
/** After so many looks by force, what is left cannot be ended by us. */
const looks = 40;

/**
 * Ends the process group, every descendant seen at the start, and every process that carries the program's mark, such
 * as one that left the group. Resolves when none is left.
 */
export async function endTree(pid: number, mark: string): Promise<void> {
  if (process.platform === 'win32') return endOnWindows(pid);
  const seen = descendantsOf(pid);
  signalAll([-pid, ...seen], 'SIGTERM');
  for (let waitedMs = 0; waitedMs < politeMs; waitedMs += lookEveryMs) {
    await sleep(lookEveryMs);
    if (living(pid, seen, mark).length === 0) return;
  }
  for (let look = 0; look < looks; look++) {
    const left = living(pid, seen, mark);
    if (left.length === 0) return;
    signalAll(left, 'SIGKILL');
    await sleep(lookEveryMs);
  }
}

/** Ends what stayed behind in the group of a program that has ended by itself. */
export function endGroup(pid: number): void {
  if (process.platform !== 'win32') signalAll([-pid], 'SIGKILL');
}

function signalAll(targets: readonly number[], signal: NodeJS.Signals): void {
  for (const target of targets) {
    try {
      process.kill(target, signal);
    } catch {
      // Already gone, which is what was wanted.
    }
  }
}

/** What lives of the group and the processes named; the group as its negative number. */
function living(group: number, seen: readonly number[], mark: string): number[] {
  const marked = linux ? pids().filter((pid) => hasMark(pid, mark)) : [];
  return [...(linux ? [] : [-group]), ...new Set([...seen, ...marked])].filter(isAlive);
}

function isAlive(pid: number): boolean {
  if (linux) {
    const stat = read(`/proc/${pid}/stat`);
    // After the command's name, which may itself contain brackets, comes the state (proc(5)).
    return stat !== undefined && !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The process and all below it; elsewhere than on Linux itself alone, whose group then stands for the rest. */
function descendantsOf(pid: number): number[] {
  const tree = [pid];
  for (const one of linux ? tree : []) {
    for (const thread of list(`/proc/${one}/task`)) {
      const children = read(`/proc/${one}/task/${thread}/children`) ?? '';
      for (const child of children.split(' ').filter(Boolean)) tree.push(Number(child));
    }
  }
  return tree;
}

function pids(): number[] {
  return list('/proc').flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
}

function hasMark(pid: number, mark: string): boolean {
  return read(`/proc/${pid}/environ`)?.split('\0').includes(`${programVariable}=${mark}`) ?? false;
}

function endOnWindows(pid: number): Promise<void> {
  return new Promise((done) => {
    execFile('taskkill', ['/pid', String(pid), '/t', '/f'], () => done());
  });
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
