/**
 * Measures the CPU time and the highest memory of a process tree until its root has ended, without native code.
 *
 * The system forgets the memory of a process when it ends, so the tree is read often: every millisecond at first, then every
 * 2 % of its age and at least every 50 ms. CPU time is exact to a clock tick (10 ms), because the system adds it to the time
 * of our waited-for children when the root ends. Linux only.
 */
import { availableParallelism } from 'node:os';
import { defined } from '../../protocol/defined.ts';
import type { TreeUsage } from '../../protocol/tree-sample.ts';
import { type ProcessStat, readDescendants, readPeakRssBytes, readStat } from '../proc-reader.ts';
import { sumTree } from './sample-tree.ts';

const maxIntervalMs = 50;
const intervalPerAge = 0.02;
/** Maximum share of a CPU that reading may take: while the tree is young, and later. */
const youngMs = 1000;
const maxLoad = { young: 0.1, old: 0.01 } as const;
/** The memory of a process this young is that of its loader, and says little about the program. */
const minAgeMs = 1;

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
  #timer: NodeJS.Timeout | undefined;
  #peakRssBytes: number | undefined;
  #last: Reading | undefined;

  /** @param pid a child of this process that has just been started */
  constructor(pid: number) {
    this.#pid = pid;
    if (process.platform === 'linux') this.#read();
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
    const startMs = performance.now();
    const members = readDescendants(this.#pid).flatMap((pid) => {
      const stat = readStat(pid);
      return stat ? [[pid, stat] as const] : [];
    });
    const root = members.find(([pid]) => pid === this.#pid)?.[1];
    if (!root) return;
    const stats = members.map(([, stat]) => stat);
    const { cpuNs, rssBytes } = sumTree(stats);
    const isReadable = startMs - this.#startMs >= minAgeMs;
    const peaks = isReadable ? members.flatMap(([pid]) => readPeakRssBytes(pid) ?? []) : [];
    // The peaks of two processes may have been at different times, so they are not added.
    if (peaks.length > 0) this.#peakRssBytes = Math.max(this.#peakRssBytes ?? 0, rssBytes, ...peaks);
    const reapedNs = reapedNsOf(readStat('self'));
    this.#last = { atMs: startMs, cpuNs, rootCpuNs: sumTree([root]).cpuNs, reapedNs, members };
    if (root.state !== 'Z') this.#readLater(startMs);
  }

  #readLater(startMs: number): void {
    const nowMs = performance.now();
    const ageMs = nowMs - this.#startMs;
    const load = ageMs < youngMs ? maxLoad.young : maxLoad.old;
    const delayMs = Math.max(1, (nowMs - startMs) / load, Math.min(maxIntervalMs, intervalPerAge * ageMs));
    this.#timer = setTimeout(() => this.#read(), delayMs);
    this.#timer.unref();
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

function reapedNsOf(stat: ProcessStat | undefined): number {
  return stat ? stat.reapedUserNs + stat.reapedSystemNs : 0;
}
