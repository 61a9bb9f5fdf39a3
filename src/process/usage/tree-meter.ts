/**
 * Measures the CPU time and the highest memory of a process tree until its root has ended, without native code.
 *
 * The system forgets the memory of a process when it ends, so the memory of the known processes is read often: every millisecond
 * at first, then every 2 % of the age of the tree and at least every 50 ms. Finding the processes takes five times as long, so
 * that becomes rarer, unless new ones have appeared. CPU time is exact to a clock tick (10 ms), because the system adds
 * it to the time of our waited-for children when the root ends. Linux only.
 */
import { availableParallelism } from 'node:os';
import { defined } from '../../protocol/defined.ts';
import type { TreeUsage } from '../../protocol/tree-sample.ts';
import { type ProcessStat, readDescendants, readMemory, readStat } from '../proc-reader.ts';
import { sumTree } from './sample-tree.ts';

/** Times between two readings of memory, and between two searches for processes, as parts of the age of the tree. */
const memoryInterval = { maxMs: 50, perAge: 0.02 } as const;
const searchInterval = { maxMs: 250, perAge: 0.05 } as const;
/** Maximum share of a CPU that reading may take: while the tree is young, and later. */
const youngMs = 1000;
const maxLoad = { young: 0.1, old: 0.01 } as const;
/** The memory of a process this young is that of its loader, and says little about the program. */
const minAgeMs = 1;

interface Clocks {
  readonly wallMs: number;
  /** CPU time of this process. */
  readonly cpuMs: number;
}

interface Reading {
  readonly atMs: number;
  /** CPU time of the tree, and the part of it that is the root's and that of the descendants it has waited for. */
  readonly cpuNs: number;
  readonly rootCpuNs: number;
  /** CPU time of our own children that we have waited for. */
  readonly reapedNs: number;
  readonly members: readonly (readonly [pid: number, stat: ProcessStat])[];
}

export class TreeMeter {
  readonly #pid: number;
  readonly #startMs = performance.now();
  /** Time at which the tree last changed. */
  #changedMs = this.#startMs;
  #nextSearchMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #peakRssBytes: number | undefined;
  #last: Reading | undefined;

  /** @param pid a child of this process that has just been started */
  constructor(pid: number) {
    this.#pid = pid;
    if (process.platform === 'linux') this.#search();
  }

  /** Usage so far. A value is absent if it could not be read. */
  get usage(): TreeUsage {
    const cpuNs = this.#last?.cpuNs;
    return defined({ peakRssBytes: this.#peakRssBytes, cpuNs: cpuNs === 0 ? undefined : cpuNs });
  }

  /** Ends the measurement, and returns the usage of the whole tree. To be called as soon as the root has been waited for. */
  finish(): TreeUsage {
    clearTimeout(this.#timer);
    const last = this.#last;
    if (last) this.#last = { ...last, cpuNs: lastCpuNs(last) };
    return this.usage;
  }

  #read(): void {
    const start = readClocks();
    const living = this.#last?.members.filter(([, { state }]) => state !== 'Z') ?? [];
    const isComplete = start.wallMs < this.#nextSearchMs && this.#readMemory(living.map(([pid]) => pid));
    if (isComplete) this.#readLater(start);
    else this.#search();
  }

  /** Finds the processes of the tree, and reads their memory and CPU time. */
  #search(): void {
    const start = readClocks();
    const members = readDescendants(this.#pid).flatMap((pid) => {
      const stat = readStat(pid);
      return stat ? [[pid, stat] as const] : [];
    });
    const root = members.find(([pid]) => pid === this.#pid)?.[1];
    if (!root) return;
    this.#readMemory(members.map(([pid]) => pid));
    const previousPids = new Set(this.#last?.members.map(([pid]) => pid));
    if (members.some(([pid]) => !previousPids.has(pid))) this.#changedMs = start.wallMs;
    const { cpuNs } = sumTree(members.map(([, stat]) => stat));
    const reapedNs = reapedNsOf(readStat('self'));
    this.#last = { atMs: start.wallMs, cpuNs, rootCpuNs: sumTree([root]).cpuNs, reapedNs, members };
    this.#nextSearchMs = performance.now() + this.#delayMs(start, searchInterval);
    if (root.state !== 'Z') this.#readLater(start);
  }

  /** Returns false if one of the processes has ended. */
  #readMemory(pids: readonly number[]): boolean {
    if (performance.now() - this.#startMs < minAgeMs) return true;
    const read = pids.flatMap((pid) => readMemory(pid) ?? []);
    const rssBytes = read.reduce((sum, memory) => sum + memory.rssBytes, 0);
    // The peaks of two processes may have been at different times, so they are not added.
    const peaks = read.map(({ peakRssBytes }) => peakRssBytes);
    if (read.length > 0) this.#peakRssBytes = Math.max(this.#peakRssBytes ?? 0, rssBytes, ...peaks);
    return read.length === pids.length;
  }

  #readLater(start: Clocks): void {
    this.#timer = setTimeout(() => this.#read(), this.#delayMs(start, memoryInterval));
    this.#timer.unref();
  }

  /** Returns the time until the next reading, after one that has begun at `start`. */
  #delayMs(start: Clocks, { maxMs, perAge }: { readonly maxMs: number; readonly perAge: number }): number {
    const { wallMs: nowMs, cpuMs } = readClocks();
    // A busy machine interrupts a reading, which costs nothing.
    const costMs = Math.min(nowMs - start.wallMs, cpuMs - start.cpuMs);
    const load = nowMs - this.#startMs < youngMs ? maxLoad.young : maxLoad.old;
    return Math.max(1, costMs / load, Math.min(maxMs, perAge * (nowMs - this.#changedMs)));
  }
}

/**
 * Returns the CPU time of a tree whose root has been waited for. Its CPU time, with that of the descendants it had waited
 * for, is now in the sum of our children. The other descendants count as they were last seen, unless they have ended: then
 * the root has waited for them. The result is limited to what is possible, because we may also have waited for others.
 */
function lastCpuNs({ atMs, cpuNs, rootCpuNs, reapedNs, members }: Reading): number {
  const gainNs = reapedNsOf(readStat('self')) - reapedNs;
  const maxNs = cpuNs + (performance.now() - atMs) * 1e6 * availableParallelism();
  const orphans = members.slice(1).flatMap(([pid, { startTicks }]) => {
    const stat = readStat(pid);
    return stat?.startTicks === startTicks ? [stat] : [];
  });
  const totalNs = Math.max(rootCpuNs, gainNs) + sumTree(orphans).cpuNs;
  return Math.max(cpuNs, Math.min(totalNs, maxNs));
}

function readClocks(): Clocks {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}

function reapedNsOf(stat: ProcessStat | undefined): number {
  return stat ? stat.reapedUserNs + stat.reapedSystemNs : 0;
}
