/** Measures the memory, CPU time and traffic of a process tree from outside. */
import { defined } from '../../protocol/defined.ts';
import type { TreeSample } from '../../protocol/tree-sample.ts';
import { getPageBytes, type ProcessStat, readDescendants, readStat, readTraffic } from '../proc-reader.ts';
import { listTree } from '../process-tree.ts';

/** Returns undefined once all processes of the tree have ended. */
export async function sampleTree(pid: number): Promise<TreeSample | undefined> {
  return process.platform === 'linux' ? sampleProc(pid) : samplePidusage(pid);
}

function sampleProc(pid: number): TreeSample | undefined {
  const tree = readDescendants(pid);
  const stats = tree.flatMap((member) => readStat(member) ?? []);
  const living = stats.filter((stat) => stat.state !== 'Z');
  if (living.length === 0) return undefined;
  const traffic = tree.flatMap((member) => readTraffic(member) ?? []);
  const hasTraffic = traffic.length > 0;
  return {
    ...sumTree(stats),
    processes: living.length,
    threads: sumOf(living, (stat) => stat.threads),
    ...defined({
      readBytes: hasTraffic ? sumOf(traffic, (sample) => sample.readBytes) : undefined,
      writtenBytes: hasTraffic ? sumOf(traffic, (sample) => sample.writtenBytes) : undefined,
    }),
  };
}

/**
 * Returns the memory and CPU time of all processes of a tree. The time of a process includes its descendants that have ended
 * and were waited for, so the sum covers the whole tree.
 */
export function sumTree(stats: readonly ProcessStat[]): Pick<TreeSample, 'rssBytes' | 'cpuNs'> {
  return {
    rssBytes: sumOf(stats, ({ state, rssPages }) => (state === 'Z' ? 0 : rssPages)) * getPageBytes(),
    cpuNs: sumOf(stats, (stat) => stat.userNs + stat.systemNs + stat.reapedUserNs + stat.reapedSystemNs),
  };
}

async function samplePidusage(pid: number): Promise<TreeSample | undefined> {
  const { default: pidusage } = await import('pidusage');
  const pids = await listTree(pid);
  if (pids.length === 0) return undefined;
  const stats = Object.values(await pidusage([...pids]).catch(() => ({}))).filter((stat) => stat !== null);
  if (stats.length === 0) return undefined;
  return {
    rssBytes: sumOf(stats, (stat) => stat.memory),
    cpuNs: sumOf(stats, (stat) => stat.ctime * 1e6),
    processes: stats.length,
  };
}

function sumOf<T>(items: readonly T[], measure: (item: T) => number): number {
  return items.reduce((sum, item) => sum + measure(item), 0);
}
