import { existsSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { readDescendants } from '../../../process/proc-reader.ts';

/** Time between two looks at a process tree, relative to its age, and its limits. */
const interval = { perAge: 0.05, minMs: 5, maxMs: 250 } as const;
/** Looking takes at most one part in so many of the time. */
const maxLoadParts = 200;
const pythonName = /^python(?:\d[\d.]*[a-z]*)?$/;

/** Finds the processes that run Python in a tree of processes, while it changes. Linux only. */
export class PythonFinder {
  readonly #onFound: (pids: readonly number[]) => void;
  readonly #added = new Set<number>();
  #root: { readonly pid: number; readonly sinceMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #newest = '';

  /** @param onFound receives all processes when they have changed */
  constructor(onFound: (pids: readonly number[]) => void) {
    this.#onFound = onFound;
  }

  /** Finds a process and its descendants, if they run Python. */
  watchTree(pid: number): void {
    this.#root = { pid, sinceMs: performance.now() };
    this.#look();
  }

  /** Adds a process that is known to run Python. */
  add(pid: number): void {
    this.#added.add(pid);
    this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#root = undefined;
    this.#added.clear();
  }

  #look(): void {
    clearTimeout(this.#timer);
    const startMs = performance.now();
    for (const pid of this.#added) if (!existsSync(`/proc/${pid}`)) this.#added.delete(pid);
    const tree = this.#root ? readDescendants(this.#root.pid) : [];
    const pids = [...new Set([...this.#added, ...tree.filter(isPython)])].sort((a, b) => a - b);
    if (pids.join(' ') !== this.#newest) {
      this.#newest = pids.join(' ');
      this.#onFound(pids);
    }
    if (!this.#root && this.#added.size === 0) return;
    const ageMs = startMs - (this.#root?.sinceMs ?? startMs - interval.maxMs / interval.perAge);
    const costMs = performance.now() - startMs;
    const delayMs = Math.max(interval.minMs, maxLoadParts * costMs, Math.min(interval.maxMs, interval.perAge * ageMs));
    this.#timer = setTimeout(() => this.#look(), delayMs);
    this.#timer.unref();
  }
}

/** Returns true for a process that runs an executable of Python. */
export function isPython(pid: number): boolean {
  try {
    return pythonName.test(basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')));
  } catch {
    return false;
  }
}
